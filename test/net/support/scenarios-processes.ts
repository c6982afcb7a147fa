// Faults of single processes on a sound network: a controller that stands still past its lease, members of etcd that are killed
// one after the other, and wall clocks that jump.
import assert from 'node:assert/strict';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import type { NetWorld } from './net-world.ts';
import type { Scenario } from './play-scenario.ts';
import { lasts, rolesOf, untilAnother, untilOperation } from './roles.ts';

const KILLS = 4;
const KILL_EVERY_MS = 5_000;
const HOUR_SECONDS = 3_600;
/** Longer than the session of a controller that would be taken for dead. */
const STEP_LASTS_MS = 4_000;

export const PROCESS_SCENARIOS: readonly Scenario[] = [
  { name: 'the controller stands still past its lease', play: controllerStopped },
  { name: 'the first member of etcd is killed every 5 s', play: storeKilled },
  {
    name: 'wall clocks of single probers step by an hour',
    play: clockSteps,
    options: { areWallClocksTrue: false, hasOwnClocks: true },
  },
];

/** It wakes up in the middle of its work, which another one has finished: it does nothing more. */
async function controllerStopped(world: NetWorld): Promise<void> {
  const { controller, others } = await rolesOf(world);
  world.killInstance('a');
  await untilOperation(world);
  world.signal(controller, 'SIGSTOP');
  await untilAnother(world, controller, others);
  await world.settled('b', ...others);
  world.signal(controller, 'SIGCONT');
  await world.ready();
  await world.settled('b');
}

async function storeKilled(world: NetWorld): Promise<void> {
  for (let kills = 0; kills < KILLS; kills += 1) {
    const first = await waitUntil('a first member', () => world.storeFirst());
    await world.kill(`etcd-${first}`);
    if (kills === 1) world.killActive();
    await lasts(KILL_EVERY_MS / 2);
    world.startEtcd(first);
    await lasts(KILL_EVERY_MS / 2);
  }
  await world.ready();
  await world.mend();
}

/** AS-06: a clock that is an hour off is no reason to take over, and none to stop (S1, S2). */
async function clockSteps(world: NetWorld): Promise<void> {
  const { controller, others } = await rolesOf(world);
  const before = await waitUntil('a term', () => world.term());
  for (const prober of [others[0], controller]) {
    for (const seconds of [HOUR_SECONDS, -HOUR_SECONDS]) {
      world.stepClock(prober, seconds);
      await lasts(STEP_LASTS_MS);
    }
  }
  assert.equal(await waitUntil('a term', () => world.term()), before, 'no clock has moved the term');
  world.killInstance('a');
  await world.settled('b');
}
