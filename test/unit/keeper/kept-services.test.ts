// The rules of a keeper on a clock that the test moves: who may be armed and spawned, and what is killed when (S14, S16).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SpawnAnswer } from '../../../src/ports/keeper.ts';
import { NO_DEADLINE_BOOT_MS } from '../../../src/ports/keeper.ts';
import { type KeeperWorld, openKeeperWorld } from '../../support/keeper-world.ts';

const EXIT_0 = { code: 0, signal: null };

async function openRunning(aheadMs = 10_000): Promise<KeeperWorld> {
  const world = openKeeperWorld();
  assert.ok(world.arm(aheadMs));
  assert.equal((await world.spawn()).kind, 'spawned');
  await world.settle();
  return world;
}

describe('keeper, arm', () => {
  test('takes a later deadline, the same one again, and any for a higher epoch', () => {
    const world = openKeeperWorld();
    assert.equal(world.arm(10_000), true);
    assert.equal(world.arm(10_000), true, 'again');
    assert.equal(world.arm(20_000), true, 'later');
    assert.equal(world.arm(15_000), false, 'earlier');
    assert.equal(world.arm(5_000, 2), true, 'a higher epoch');
    assert.equal(world.arm(60_000, 1), false, 'a lower epoch');
    assert.equal(world.view()?.deadlineBootMs, world.clock.bootMs() + 5_000);
  });

  test('never prolongs what is over, running or not, stopped or not; a higher epoch begins anew', async () => {
    const world = openKeeperWorld();
    world.arm(1_000);
    await world.clock.advance(1_000);
    assert.equal(world.arm(60_000), false);
    await world.services.stop({ service: 'web', graceMs: 0 });
    assert.equal(world.arm(60_000), false, 'also after a stop');
    assert.match(reasonOf(await world.spawn()), /deadline of epoch 1 has passed/);
    assert.equal(world.arm(60_000, 2), true);
    assert.equal((await world.spawn({ epoch: 2 })).kind, 'spawned');
  });

  test('refuses a deadline that has passed, and one so far ahead that it is none', () => {
    const world = openKeeperWorld();
    assert.equal(world.arm(0), false);
    assert.throws(() => world.arm(25 * 3_600_000), { code: 'ONEUP_AGENT_KEEPER' });
  });

  test('takes the deadline that never comes, for a service that outlives its lease (S37)', async () => {
    const { services, clock } = openKeeperWorld();
    assert.equal(services.arm({ service: 'web', epoch: 1, deadlineBootMs: NO_DEADLINE_BOOT_MS }), true);
    await clock.advance(25 * 3_600_000);
    assert.equal(services.lateMs(), 0);
    const later = { service: 'web', epoch: 1, deadlineBootMs: clock.bootMs() + 1_000 };
    assert.equal(services.arm(later), false, 'an earlier deadline is for another epoch');
  });

  test('a bounded number of services is remembered', () => {
    const { services, clock } = openKeeperWorld();
    const deadlineBootMs = clock.bootMs() + 1_000;
    const arm = (n: number) => services.arm({ service: `s${n}`, epoch: 1, deadlineBootMs });
    for (let n = 0; n < 256; n += 1) arm(n);
    assert.throws(() => arm(256), { code: 'ONEUP_AGENT_KEEPER' });
    assert.equal(arm(0), true, 'the known ones go on');
  });
});

describe('keeper, spawn', () => {
  test('is refused without arm, for another epoch, after the deadline, and while an instance is there', async () => {
    const world = openKeeperWorld();
    assert.match(reasonOf(await world.spawn()), /not armed/);
    world.arm(10_000, 2);
    assert.match(reasonOf(await world.spawn({ epoch: 1 })), /epoch 1 is lower than 2/);
    assert.match(reasonOf(await world.spawn({ epoch: 3 })), /not armed for epoch 3/);
    assert.equal((await world.spawn({ epoch: 2, step: 5 })).kind, 'spawned');
    assert.match(reasonOf(await world.spawn({ epoch: 2, step: 6 })), /instance is there/);
    assert.match(reasonOf(await world.spawn({ epoch: 2, step: 4 })), /step 4 is not above 5/);
    world.instances[0]?.end(EXIT_0);
    await world.settle();
    await world.clock.advance(10_000);
    assert.match(reasonOf(await world.spawn({ epoch: 2, step: 6 })), /deadline/);
    assert.equal(world.instances.length, 1, 'it was spawned once');
  });

  test('a step of a higher epoch may be a lower number: a store that was put back counts from further below (S12)', async () => {
    const world = openKeeperWorld();
    world.arm(10_000, 2);
    assert.equal((await world.spawn({ epoch: 2, step: 50 })).kind, 'spawned');
    world.instances[0]?.end(EXIT_0);
    await world.settle();
    world.arm(20_000, 3);
    assert.equal((await world.spawn({ epoch: 3, step: 6 })).kind, 'spawned');
    assert.match(reasonOf(await world.spawn({ epoch: 3, step: 5 })), /step 5 is not above 6/);
    assert.equal(world.instances.length, 2);
  });

  test('answers an equal step as before, and weighs a refused one anew', async () => {
    const world = openKeeperWorld();
    assert.equal((await world.spawn()).kind, 'refused');
    world.arm(10_000);
    const first = await world.spawn();
    assert.equal(first.kind, 'spawned', 'the refusal had no effect and was not recorded');
    world.instances[0]?.end(EXIT_0);
    await world.settle();
    assert.deepEqual(await world.spawn(), first);
    assert.equal(world.instances.length, 1);
  });

  test('a stop that overtakes it, or a deadline that passes meanwhile, lets nothing begin', async () => {
    const world = openKeeperWorld();
    world.arm(10_000);
    const stopped = world.spawn();
    assert.equal((await world.services.stop({ service: 'web', graceMs: 0 })).kind, 'stopped');
    assert.match(reasonOf(await stopped), /stopped before/);
    world.arm(1_000);
    const late = world.spawn({ step: 2 });
    world.clock.stall(1_000);
    assert.match(reasonOf(await late), /deadline has passed/);
    assert.equal(world.instances.length, 0);
  });

  test('what could not be started has no exit, and the next step may try', async () => {
    const failure: SpawnAnswer = { kind: 'failed', reason: 'no such program' };
    const world = openKeeperWorld({ started: Promise.resolve(failure) });
    world.arm(10_000);
    assert.deepEqual(await world.spawn(), failure);
    await world.settle();
    assert.deepEqual([world.view()?.running, world.view()?.lastExit, world.exits.length], [false, null, 0]);
    assert.deepEqual(await world.spawn(), failure, 'the same step again');
    await world.spawn({ step: 2 });
    assert.equal(world.instances.length, 2);
  });
});

describe('keeper, deadline', () => {
  test('kills at the deadline and says so; until then it does nothing by itself', async () => {
    const world = await openRunning(10_000);
    await world.clock.advance(9_950);
    assert.equal(world.instances[0]?.calls.length, 0);
    await world.clock.advance(100);
    assert.equal(world.instances[0]?.calls[0], 'kill');
    assert.equal(world.view()?.running, false);
    assert.deepEqual(
      world.exits.map(({ signal }) => signal),
      ['SIGKILL'],
    );
    assert.ok((world.exits[0]?.atBootMs ?? 0) >= (world.view()?.deadlineBootMs ?? Number.NaN));
  });

  test('counts the time in which the machine was suspended', async () => {
    const world = await openRunning(60_000);
    world.clock.suspend(60_000);
    assert.equal(world.arm(120_000), false, 'it is over, also if the agent wakes up first');
    await world.clock.advance(250);
    assert.equal(world.view()?.running, false);
  });

  test('is prolonged by arms, also by one of a higher epoch while an instance runs', async () => {
    const world = await openRunning(10_000);
    for (let round = 0; round < 10; round += 1) {
      await world.clock.advance(5_000);
      assert.ok(world.arm(10_000, round < 5 ? 1 : 2));
    }
    assert.deepEqual(world.instances[0]?.calls, []);
    await world.clock.advance(10_050);
    assert.equal(world.view()?.running, false);
  });

  test('a higher epoch does not save an instance that was past its deadline', async () => {
    const world = await openRunning(1_000);
    world.clock.stall(1_000);
    assert.equal(world.arm(60_000, 2), true);
    await world.settle();
    assert.equal(world.view()?.running, false);
    assert.equal(world.view()?.deadlineBootMs !== null, true, 'the new epoch is armed');
  });

  test('what SIGKILL does not end is killed again and again, counts as running, and as late', async () => {
    const world = await openRunning(1_000);
    world.instances[0]?.hang();
    await world.clock.advance(3_000);
    assert.ok((world.instances[0]?.calls.length ?? 0) > 10);
    assert.equal(world.view()?.running, true);
    assert.ok(world.services.lateMs() >= 2_000);
    assert.equal(world.arm(60_000, 2), true);
    assert.ok(world.services.lateMs() >= 2_000, 'the deadline of another epoch does not excuse it');
    assert.match(reasonOf(await world.spawn({ epoch: 2, step: 2 })), /an instance is there/);
    world.instances[0]?.loseLast();
    await world.settle();
    assert.equal(world.services.lateMs(), 0);
  });
});

describe('keeper, stop', () => {
  test('terminates, and kills what is left after the grace; then nothing is armed', async () => {
    const world = await openRunning();
    const stopped = world.services.stop({ service: 'web', graceMs: 2_000 });
    await world.clock.advance(1_900);
    assert.deepEqual(world.instances[0]?.calls, ['terminate']);
    await world.clock.advance(200);
    assert.equal((await stopped).kind, 'stopped');
    assert.equal(world.view()?.deadlineBootMs, null);
    assert.equal(world.exits[0]?.signal, 'SIGKILL');
  });

  test('takes the exit of a program that ends in time, once its last process is gone', async () => {
    const world = await openRunning();
    const stopped = world.services.stop({ service: 'web', graceMs: 5_000 });
    world.instances[0]?.end({ code: 7, signal: null }, 2);
    await world.clock.advance(1_000);
    assert.equal(world.view()?.running, true, 'descendants count');
    world.instances[0]?.loseLast();
    await world.clock.advance(600);
    assert.equal((await stopped).kind, 'stopped');
    assert.equal(world.exits[0]?.code, 7);
  });

  test('answers stillRunning when even SIGKILL does not help, and stays armed', async () => {
    const world = await openRunning(60_000);
    world.instances[0]?.hang();
    const stopped = world.services.stop({ service: 'web', graceMs: 0 });
    await world.clock.advance(11_000);
    assert.equal((await stopped).kind, 'stillRunning');
    assert.notEqual(world.view()?.deadlineBootMs, null);
  });

  test('at the end of the keeper stops all, and nothing begins any more', async () => {
    const world = await openRunning();
    const ended = world.services.stopAll(500);
    assert.match(reasonOf(await world.spawn({ step: 2 })), /the keeper ends/);
    await world.clock.advance(600);
    await ended;
    assert.equal(world.view()?.running, false);
  });

  test('has nothing to do for a service that is not there, however often', async () => {
    const world = openKeeperWorld();
    for (let round = 0; round < 3; round += 1)
      assert.deepEqual(await world.services.stop({ service: 'web', graceMs: 0 }), { kind: 'stopped' });
    assert.deepEqual(world.services.views(), []);
    assert.equal(world.clock.pendingCount(), 0, 'an idle keeper has no timer');
  });
});

function reasonOf(answer: SpawnAnswer): string {
  assert.notEqual(answer.kind, 'spawned');
  return answer.kind === 'spawned' ? '' : answer.reason;
}
