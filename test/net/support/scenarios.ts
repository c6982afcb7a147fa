// What the network and the processes do in each scenario, and what must come of it. The judgement over what must never happen
// is the same for all of them and comes afterwards.
import assert from 'node:assert/strict';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { PROBERS, type ProberName } from './hosts.ts';
import type { NetWorld } from './net-world.ts';
import type { Scenario } from './play-scenario.ts';

export const SCENARIOS: readonly Scenario[] = [{ name: 'the controller is cut off', play: controllerCutOff }];

/** It keeps the link of the fence device, and loses its right to use it. The others go on, and act when there is a reason. */
async function controllerCutOff(world: NetWorld): Promise<void> {
  const { old, others } = await controllerAndOthers(world);
  world.network.isolate(old);
  const next = await untilAnother(world, old, others);
  const { active, operation } = await world.service(next);
  assert.equal(active, 'a', 'a partition of the controller alone moves nothing');
  assert.equal(operation, null);
  world.killInstance('a');
  await world.settled('b', ...others);
  world.network.heal();
  await world.ready();
  await world.settled('b');
}

type Roles = { readonly old: ProberName; readonly others: readonly ProberName[] };

async function controllerAndOthers(world: NetWorld): Promise<Roles> {
  const old = await waitUntil('a controller', () => world.controller());
  return { old, others: PROBERS.filter((prober) => prober !== old) };
}

/** Resolves with the prober that leads instead of `old`, as `asked` tell. */
function untilAnother(world: NetWorld, old: ProberName, asked: readonly ProberName[]): Promise<ProberName> {
  return waitUntil('another controller', async () => {
    const now = await world.controller(...asked);
    return now === null || now === old ? false : now;
  });
}
