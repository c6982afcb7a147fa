// Full partitions: of the controller, of a minority with the active node, of the majority of the store, and of the fence device.
// What must never happen is judged for all scenarios alike, afterwards; here stands what must come of each.
import assert from 'node:assert/strict';
import { untilAccepted } from '../../e2e/support/until-accepted.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { PROBERS } from './hosts.ts';
import type { NetWorld } from './net-world.ts';
import type { Scenario } from './play-scenario.ts';
import { lasts, rolesOf, untilAnother, untilOperation } from './roles.ts';

/** Far longer than a session lives. */
const OUTAGE_MS = 8_000;

export const PARTITION_SCENARIOS: readonly Scenario[] = [
  { name: 'the controller is cut off', play: controllerCutOff },
  { name: 'the controller is cut off in the middle of a failover', play: controllerCutOffAtWork },
  { name: 'a minority is cut off together with the active node', play: minorityWithActive },
  { name: 'the store loses its majority', play: storeMajorityLost },
  { name: 'the active node and the fence device are cut off', play: fenceCutOff },
];

/** It keeps the link of the fence device, and loses its right to use it. The others go on, and act when there is a reason. */
async function controllerCutOff(world: NetWorld): Promise<void> {
  const { controller, others } = await rolesOf(world);
  world.network.isolate(controller);
  const next = await untilAnother(world, controller, others);
  const { active, operation } = await world.service(next);
  assert.equal(active, 'a', 'a partition of the controller alone moves nothing');
  assert.equal(operation, null);
  world.killInstance('a');
  await world.settled('b', ...others);
  world.network.heal();
  await world.ready();
  await world.settled('b');
}

/** What it has begun is finished by the next one, and by nobody twice. */
async function controllerCutOffAtWork(world: NetWorld): Promise<void> {
  const { controller, others } = await rolesOf(world);
  world.killInstance('a');
  await untilOperation(world);
  world.network.isolate(controller);
  await untilAnother(world, controller, others);
  await world.settled('b', ...others);
  world.network.heal();
  await world.ready();
  await world.settled('b');
}

/** The minority sees the active node, which is healthy; the majority does not, and makes sure before it starts another. */
async function minorityWithActive(world: NetWorld): Promise<void> {
  const { controller, others } = await rolesOf(world);
  const [lonely, near] = others;
  const rest = ['witness', 'b', controller, near] as const;
  world.network.cut([lonely, 'a'], rest);
  await world.settled('b', controller, near);
  assert.match(readPower(world), / off a /, 'the silent node was switched off before the other was started');
  world.network.heal();
  await world.ready();
  await world.settled('b');
  await world.mend();
  await movesOnce(world);
}

/** From whoever is active: what was mended may have moved by itself meanwhile, on a machine too busy to answer its checks. */
async function movesOnce(world: NetWorld): Promise<void> {
  const { active } = await world.service();
  const [from, to] = active === 'b' ? (['b', 'a'] as const) : (['a', 'b'] as const);
  await untilAccepted('the way back', () => world.command({ kind: 'switchover', from, to, reason: 'back again' }));
  await world.settled(to);
}

/** S37: the active dies meanwhile, and nothing is done about it until the store is back. */
async function storeMajorityLost(world: NetWorld): Promise<void> {
  for (const prober of PROBERS)
    world.network.cut(
      [prober],
      PROBERS.filter((other) => other !== prober),
    );
  await waitUntil(
    'the sessions to be lost',
    () => PROBERS.every((prober) => /the term ends|session is lost/.test(world.log(prober))),
    60_000,
  );
  world.killInstance('a');
  await lasts(OUTAGE_MS);
  world.network.heal();
  await world.ready();
  await world.settled('b');
}

/** The active goes on where nobody sees it, and cannot be switched off: no proof, no start (S20). */
async function fenceCutOff(world: NetWorld): Promise<void> {
  world.network.isolate('a');
  world.network.cut(PROBERS, ['power'], { link: 'fence' });
  const { operation } = await waitUntil(
    'the operation to be blocked',
    async () => {
      const status = await world.service();
      return status.operation?.blocked == null ? false : status;
    },
    60_000,
  );
  assert.match(operation?.blocked?.rule ?? '', /^S\d+/);
  assert.equal(world.instancePid('b'), null, 'nothing was started');
  world.network.heal();
  world.network.isolate('a');
  await world.settled('b');
}

function readPower(world: NetWorld): string {
  return world.text('power.log');
}
