// What an agent says to others on its machine: never active before a renewal was granted, never while a stop has begun, and never
// longer than the lease that was granted (S3, S14).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceState } from '../../../src/ports/node-state.ts';
import { AgentBench, LEASE, order } from '../../support/agent-bench.ts';

const { periodMs, stopTimeoutMs, marginMs } = LEASE;

function states({ published }: AgentBench): readonly ServiceState[] {
  return published.flatMap(({ web }) => (web === undefined ? [] : [web]));
}

function last(bench: AgentBench): ServiceState {
  return states(bench).at(-1) ?? assert.fail('nothing was published');
}

describe('the published state', () => {
  test('is renewed with the lease, and reaches to where the agent begins to stop', async () => {
    await using bench = new AgentBench();
    await bench.run();
    for (let times = 0; times < 3; times += 1) {
      await bench.clock.advance(periodMs / 6);
      const { atBootMs } = bench.renewals.at(-1) ?? assert.fail();
      assert.deepEqual(last(bench), {
        ...{ node: 'a', epoch: 4, role: 'active', renewedBootMs: atBootMs, renewEveryMs: periodMs / 6 },
        activeUntilBootMs: atBootMs + periodMs - marginMs - stopTimeoutMs,
      });
    }
  });

  test('names no end where the service outlives its lease', async () => {
    await using bench = new AgentBench();
    bench.tell({ onStoreLoss: 'stay' });
    await bench.run();
    assert.deepEqual([last(bench).role, last(bench).activeUntilBootMs], ['active', null]);
    assert.notEqual(last(bench).renewedBootMs, null);
  });

  test('is not renewed by what changes while nobody answers', async () => {
    await using bench = new AgentBench();
    await bench.run();
    const { renewedBootMs } = last(bench);
    bench.line = 'down';
    await bench.clock.advance(periodMs / 2);
    assert.equal(last(bench).renewedBootMs, renewedBootMs);
  });

  for (const [name, change] of [
    ['a stop is asked for', { order: order('stop', 4, 11) }],
    ['the grant has ended', { grant: { epoch: 4, revoked: true } }],
  ] as const)
    test(`says stopping as soon as ${name}, and stopped after it`, async () => {
      await using bench = new AgentBench();
      await bench.run();
      const before = bench.published.length;
      bench.tell(change);
      await bench.clock.advance(10_000);
      const roles = new Set(
        states(bench)
          .slice(before)
          .map(({ role }) => role),
      );
      assert.deepEqual([...roles], ['stopping', 'stopped']);
      assert.deepEqual([last(bench).renewedBootMs, last(bench).activeUntilBootMs], [null, null]);
    });

  test('of several services is whole from the first word on', async () => {
    await using bench = new AgentBench();
    for (const service of ['web', 'db'])
      bench.tell({ grant: { epoch: 4, revoked: false }, order: order('start', 4, 10) }, service);
    bench.start();
    await bench.clock.advance(1_000);
    assert.ok(bench.published.length > 2);
    for (const said of bench.published) assert.deepEqual(Object.keys(said), ['web', 'db']);
  });

  test('outlives the agent; its successor says nothing of a lease before one was granted to it', async () => {
    await using bench = new AgentBench();
    await bench.run();
    const before = last(bench);
    await bench.stop();
    assert.deepEqual(last(bench), before);
    const count = bench.published.length;
    bench.isRenewing = false;
    bench.start();
    await bench.clock.advance(500);
    assert.ok(bench.published.length > count);
    for (const { role, epoch, renewedBootMs } of states(bench).slice(count))
      assert.deepEqual([role, epoch, renewedBootMs], ['active', 4, null]);
  });

  test('is not active while it starts', async () => {
    await using bench = new AgentBench();
    await bench.run();
    const first = states(bench).findIndex(({ role }) => role === 'active');
    assert.ok(first > 0);
    for (const { role } of states(bench).slice(0, first)) assert.match(role, /^(?:starting|stopped|unknown)$/);
  });
});
