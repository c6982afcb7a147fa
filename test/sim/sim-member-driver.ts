// How a controller's process acts on a node: through the runner of its machine, with the death and the standstill of the
// process at the boundaries of every effect.
import type { NodeDriver } from '../../src/ports/node-driver.ts';
import { SimClock, SimMachine } from './sim-clock.ts';
import { createSimDriver } from './sim-driver.ts';
import type { Process, SimMember } from './sim-member.ts';
import type { SimWorld } from './sim-world.ts';

export type MemberDriverOptions = { readonly member: SimMember; readonly process: Process; readonly node: string };

export function memberDriver(world: SimWorld, { member, process, node: id }: MemberDriverOptions): NodeDriver {
  const { node, scripts } = world.place(id);
  const { draw, network } = world;
  const { killTimeMs } = world.config.cluster.timing;
  // The runner stands on the node's side and keeps the controller's time: it goes on when that is stopped or suspended.
  const { rate, offsetMs } = member.machine;
  const runner = new SimClock(world.time, new SimMachine({ rate, offsetMs }));
  const untilBootMs = () =>
    process.diedAtBootMs === null
      ? process.deadlineBootMs
      : Math.min(process.deadlineBootMs, process.diedAtBootMs + killTimeMs);
  const request = () => ({ runner, untilBootMs, sender: world.senderOf(member) });
  const duplicates = () => world.rates.duplicate;
  const way = { from: member.id, clock: process.clock, draw, network, request, duplicates };
  const driver = createSimDriver({ ...way, node, scripts });
  const between = async <T>(act: () => Promise<T>): Promise<T> => {
    world.boundary(member);
    const ended = await act();
    world.boundary(member);
    // What comes back to a dead process is heard by nobody.
    return process.diedAtBootMs === null ? ended : new Promise<T>(() => undefined);
  };
  return {
    ...driver,
    act: (action, context, limits) => between(() => driver.act(action, context, limits)),
    fence: (context, limits) => between(() => driver.fence(context, limits)),
  };
}
