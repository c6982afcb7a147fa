// Bad links: loss in one direction, loss with delay in all of them, and a link that comes and goes.

import { HOSTS } from './hosts.ts';
import type { NetWorld } from './net-world.ts';
import type { Scenario } from './play-scenario.ts';
import { lasts, rolesOf, untilAnother } from './roles.ts';

const LOSS_PERCENT = 30;
const DELAY_MS = 100;
const BAD_TIME_MS = 10_000;
const FLAPS = 8;
const FLAP_MS = 900;

export const LINK_SCENARIOS: readonly Scenario[] = [
  { name: 'the controller hears nobody', play: (world) => oneWay(world, 'in') },
  { name: 'nobody hears the controller', play: (world) => oneWay(world, 'out') },
  { name: '30 % loss with 100 ms delay everywhere', play: lossAndDelay, options: { canDelay: true } },
  { name: "the controller's link flaps", play: flapping },
];

/** Half a link is none: the right to act ends as it does for one that is cut off. */
async function oneWay(world: NetWorld, direction: 'in' | 'out'): Promise<void> {
  const { controller, others } = await rolesOf(world);
  const rest = HOSTS.filter((host) => host !== controller);
  if (direction === 'in') world.network.cut(rest, [controller], { isOneWay: true });
  else world.network.cut([controller], rest, { isOneWay: true });
  await untilAnother(world, controller, others);
  world.killInstance('a');
  await world.settled('b', ...others);
  world.network.heal();
  await world.ready();
  await world.settled('b');
}

/** Whatever probers make of it, there is one active at most; and when it is over there is one. */
async function lossAndDelay(world: NetWorld): Promise<void> {
  world.network.delay(DELAY_MS);
  world.network.lose(LOSS_PERCENT, HOSTS, HOSTS, { isOneWay: true });
  await lasts(BAD_TIME_MS);
  world.killActive();
  await lasts(BAD_TIME_MS);
  world.network.heal();
  await world.mend();
}

async function flapping(world: NetWorld): Promise<void> {
  const { controller } = await rolesOf(world);
  for (let flap = 0; flap < FLAPS; flap += 1) {
    world.network.isolate(controller);
    if (flap === FLAPS / 2) world.killActive();
    await lasts(FLAP_MS);
    world.network.heal();
    await lasts(FLAP_MS);
  }
  await world.mend();
}
