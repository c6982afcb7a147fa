// Which store an agent follows, and that answers which overtake each other or come from a store that was put back change nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentBench, order } from '../../support/agent-bench.ts';

describe('stores and lines', () => {
  test('answers that overtake each other: what is older than what was seen counts for nothing', async () => {
    await using bench = new AgentBench();
    await bench.run();
    const newest = bench.revision;
    bench.tell({ grant: null });
    // The store lets it be renewed; only the answer with the goals is old.
    bench.grants.set('web', { epoch: 4, revoked: false });
    bench.revision = newest - 1;
    await bench.clock.advance(15_000);
    assert.equal(bench.keeper.of()?.running, true);
    bench.revision = newest + 1;
    await bench.clock.advance(15_000);
    assert.equal(bench.keeper.of()?.running, false);
  });

  test('after a recovery the revisions of the store begin below, and the agent hears it all the same (S4)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.generation = { number: 2, id: 'g2' };
    bench.revision = 0;
    bench.tell({ grant: { epoch: 40, revoked: false }, order: order('stop', 40, 50, 2) });
    await bench.clock.advance(15_000);
    assert.equal(bench.report().generation, 2);
    assert.equal(bench.keeper.of()?.running, false);
  });

  test('a store of an older generation than was seen, or of another of the same number, changes nothing (S4)', async () => {
    for (const generation of [
      { number: 1, id: 'g0' },
      { number: 0, id: 'old' },
    ]) {
      await using bench = new AgentBench();
      await bench.run();
      bench.generation = generation;
      bench.tell({ grant: null, generation: generation.number });
      bench.grants.set('web', { epoch: 4, revoked: false });
      await bench.clock.advance(60_000);
      assert.equal(bench.keeper.of()?.running, true, generation.id);
    }
  });

  test('after a restart too, nothing is done for another store of the same generation; for the next one it is (S4)', async () => {
    await using bench = new AgentBench();
    await bench.run();
    await bench.stop();
    bench.keeper.end();
    bench.generation = { number: 1, id: 'another' };
    bench.tell({ grant: { epoch: 9, revoked: false }, order: order('start', 9, 30) });
    bench.start();
    await bench.clock.advance(30_000);
    assert.deepEqual(
      bench.keeper.acts.filter((act) => act.startsWith('spawn')),
      ['spawn 4/10'],
    );
    bench.generation = { number: 2, id: 'g2' };
    bench.tell({ order: order('start', 9, 30, 2) });
    await bench.clock.advance(30_000);
    assert.ok(bench.keeper.acts.includes('spawn 9/30'));
  });

  test('a store is followed only once the disk knows its generation (S4)', async () => {
    await using bench = new AgentBench();
    bench.isDiskFull = true;
    await bench.run();
    await bench.clock.advance(5_000);
    assert.deepEqual([bench.known, bench.renewals.length], [null, 0]);
    bench.isDiskFull = false;
    await bench.clock.advance(2_000);
    assert.deepEqual(bench.known, bench.generation);
    assert.ok(bench.keeper.acts.includes('spawn 4/10'));
  });

  test('several services: each has its own lease and its own end', async () => {
    await using bench = new AgentBench();
    bench.tell({ grant: { epoch: 7, revoked: false }, order: order('start', 7, 3) }, 'db');
    await bench.run(4, 10);
    assert.equal(bench.keeper.of('db')?.running, true);
    bench.tell({ grant: { epoch: 4, revoked: true } });
    await bench.clock.advance(60_000);
    assert.equal(bench.keeper.of('web')?.running, false);
    assert.equal(bench.keeper.of('db')?.running, true);
  });

  test('a keeper that is silent keeps no known service from hearing of its goal', async () => {
    await using bench = new AgentBench();
    await bench.run();
    bench.keeper.isSilent = true;
    const renewed = () => bench.renewals.filter(({ service }) => service === 'web').length;
    bench.goals.delete('web');
    bench.tell({ grant: null }, 'db');
    bench.tell({ grant: null }, 'web');
    await bench.clock.advance(1_000);
    const before = renewed();
    await bench.clock.advance(20_000);
    assert.equal(renewed(), before, 'web was told that its grant has ended');
  });
});
