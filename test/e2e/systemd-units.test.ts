// systemd units as services, with a real systemd: the keeper starts them, stops them, and kills all of them at the deadline of their
// lease; and a unit that guards itself does not start where its service is not active.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBootId } from '../../src/keeper/process-table.ts';
import { eventually, isRunning } from '../support/keeper-bench.ts';
import { whyNoSystemd } from '../support/user-systemd.ts';
import { openUnitWorld, STUBBORN, UNIT } from './support/unit-world.ts';

const WHY_NOT = whyNoSystemd();
/** The unit is up before, also where each word of systemctl takes a busy machine half a second. */
const DEADLINE_MS = 8_000;

describe('a systemd unit as a service', { skip: WHY_NOT ?? false }, () => {
  test('is started, and stopped in order', async () => {
    await using world = await openUnitWorld(`ExecStart=/bin/sleep 3002`);
    const answer = await world.spawn();
    assert.equal(answer.kind, 'spawned', JSON.stringify(answer));
    assert.equal(world.systemd.ask('is-active', UNIT).said, 'active');
    const [view] = world.services.views();
    assert.deepEqual([view?.running, view?.isUnit, (view?.pid ?? 0) > 0], [true, true, true]);
    assert.deepEqual(await world.services.stop({ service: 'web', graceMs: 10_000, unit: UNIT }), { kind: 'stopped' });
    assert.equal(world.systemd.ask('is-active', UNIT).said, 'inactive');
    assert.equal(world.services.views()[0]?.running, false);
  });

  test('is killed at the deadline with everything in its control group', async () => {
    await using world = await openUnitWorld(`ExecStart=${STUBBORN}`, 'TimeoutStopSec=300');
    assert.equal((await world.spawn(DEADLINE_MS)).kind, 'spawned');
    const pids = await world.pids();
    await eventually(() => world.exits.length === 1, 'the end to be told');
    assert.deepEqual(pids.filter(isRunning), []);
    assert.equal(world.exits[0]?.signal, 'SIGKILL');
    assert.notEqual(world.systemd.ask('is-active', UNIT).said, 'active');
  });

  test('that does not end is killed after the time for a stop', async () => {
    await using world = await openUnitWorld(`ExecStart=${STUBBORN}`, 'TimeoutStopSec=300');
    assert.equal((await world.spawn()).kind, 'spawned');
    const pids = await world.pids();
    assert.equal((await world.services.stop({ service: 'web', graceMs: 500, unit: UNIT })).kind, 'stopped');
    assert.deepEqual(pids.filter(isRunning), []);
  });

  test('that ends by itself is told', async () => {
    await using world = await openUnitWorld(`ExecStart=/bin/sh -c 'while [ ! -e enough ]; do sleep 0.1; done; exit 3'`);
    assert.equal((await world.spawn()).kind, 'spawned');
    writeFileSync(world.systemd.path('enough'), '');
    await eventually(() => world.exits.length === 1, 'the end to be told');
    assert.deepEqual([world.exits[0]?.code, world.exits[0]?.signal], [3, null]);
  });

  test('that another keeper has started is stopped all the same, and never started twice', async () => {
    await using world = await openUnitWorld(`ExecStart=${STUBBORN}`);
    assert.equal((await world.spawn()).kind, 'spawned');
    const pids = await world.pids();
    world.services = world.keeper();
    assert.match(JSON.stringify(await world.spawn()), /web\.service is active already/);
    assert.equal(pids.every(isRunning), true, 'what is refused is let alone');
    assert.equal((await world.services.stop({ service: 'web', graceMs: 500, unit: UNIT })).kind, 'stopped');
    assert.deepEqual(pids.filter(isRunning), []);
  });

  for (const [name, lines, reason] of [
    ['that fails', ['ExecStart=/bin/false', 'Type=oneshot'], /Cannot start the unit: Job for web\.service failed/],
  ] as const)
    test(`${name} is not started`, async () => {
      await using world = await openUnitWorld(...lines);
      assert.match(JSON.stringify(await world.spawn()), reason);
      await eventually(() => world.services.views()[0]?.running === false, 'nothing to be left');
    });

  test('that is unknown, or whose systemd does not answer, is not started', async () => {
    await using world = await openUnitWorld('ExecStart=/bin/sleep 3005');
    writeFileSync(world.systemd.systemctl, '#!/bin/sh\nexit 1\n');
    assert.match(JSON.stringify(await world.spawn()), /systemd does not answer/);
  });
});

describe('a start that hangs at the deadline', { skip: WHY_NOT ?? false }, () => {
  /** Never says that it is ready, so that systemctl start does not end. */
  const HANGS = ['Type=notify', `ExecStart=${STUBBORN}`, 'TimeoutStartSec=300', 'TimeoutStopSec=300'];

  test('is killed with everything in its control group, where systemd kills nothing', async () => {
    await using world = await openUnitWorld(...HANGS);
    const answer = world.spawn(DEADLINE_MS);
    const pids = await world.pids();
    world.systemd.fails('kill', 'stop');
    await eventually(() => !pids.some(isRunning), 'all of it to be killed');
    assert.equal((await answer).kind, 'failed');
    await eventually(() => world.services.views()[0]?.running === false, 'nothing to be left');
  });

  test('is killed where systemd has not said a word since it was asked to start it', async () => {
    await using world = await openUnitWorld(...HANGS);
    // From the start on: the first look and the place of its control group come before.
    const own = readFileSync(world.systemd.systemctl, 'utf8').replace('#!/bin/sh\n', '');
    const flag = world.systemd.path('asked');
    const mute = `case "$1" in start) touch ${flag};; *) if [ -e ${flag} ]; then exit 1; fi;; esac`;
    writeFileSync(world.systemd.systemctl, `#!/bin/sh\n${mute}\n${own}`);
    const answer = world.spawn(DEADLINE_MS);
    const pids = await world.pids();
    await eventually(() => !pids.some(isRunning), 'all of it to be killed');
    rmSync(flag);
    assert.equal((await answer).kind, 'failed');
    await eventually(() => world.services.views()[0]?.running === false, 'nothing to be left');
  });
});

const RUN_IF_ACTIVE = fileURLToPath(new URL('../../src/job/run-if-active-process.ts', import.meta.url));

describe('the guard of a unit', { skip: WHY_NOT ?? false }, () => {
  test('lets it start where the service is active or being started, and nowhere else', async () => {
    await using world = await openUnitWorld();
    const { systemd, clock } = world;
    const state = systemd.path('state.json');
    const guard = `${process.execPath} ${RUN_IF_ACTIVE} --no-keeper --starting --state ${state} web -- true`;
    systemd.unit(UNIT, `ExecStartPre=${guard}`, 'ExecStart=/bin/sleep 3006');
    const say = (role: string, renewedBootMs: number | null) => {
      const web = { node: 'a', epoch: 4, role, activeUntilBootMs: null, renewedBootMs, renewEveryMs: 60_000 };
      const text = { format: 1, cluster: 'c', bootId: readBootId(), writtenBootMs: 1, services: { web } };
      writeFileSync(state, JSON.stringify(text));
    };
    const start = () => {
      const { code } = systemd.ask('start', UNIT);
      const { said } = systemd.ask('is-active', UNIT);
      systemd.ask('stop', UNIT);
      systemd.ask('reset-failed', UNIT);
      return [code === 0, said];
    };
    assert.deepEqual(start(), [false, 'failed'], 'no agent has said anything');
    for (const role of ['standby', 'stopped', 'stopping', 'unknown']) {
      say(role, clock.bootMs());
      assert.deepEqual(start(), [false, 'failed'], role);
    }
    say('starting', null);
    assert.deepEqual(start(), [false, 'failed'], 'no renewal was granted');
    for (const role of ['starting', 'active']) {
      say(role, clock.bootMs());
      assert.deepEqual(start(), [true, 'active'], role);
    }
  });
});
