// How a controller's process acts on a node: through the runner of its machine, with the death and the standstill of the
// process at the boundaries of every effect.
import type { ActionsConfig } from '../../src/config/config.ts';
import type { ControllerDeps, Tenure } from '../../src/controller/controller-deps.ts';
import { termGuards } from '../../src/controller/term-guards.ts';
import type { ActionCarriers } from '../../src/nodes/action-carrier.ts';
import { createAgentCarrier } from '../../src/nodes/agent/agent-carrier.ts';
import { createNodeDriver } from '../../src/nodes/route-actions.ts';
import type { NodeDriver } from '../../src/ports/node-driver.ts';
import { SimClock, SimMachine } from './sim-clock.ts';
import { createSimDriver } from './sim-driver.ts';
import { loggerFor } from './sim-logger.ts';
import type { Process, SimMember } from './sim-member.ts';
import type { SimWorld } from './sim-world.ts';

export type MemberDriverOptions = Pick<ControllerDeps, 'store' | 'view'> & {
  readonly member: SimMember;
  readonly process: Process;
  readonly node: string;
  readonly tenure: Tenure;
};

const CONTACT_MS = 1_000;
const BY_AGENT = { driver: 'agent', timeoutMs: 2_000 } as const;
const AGENT_ACTIONS: ActionsConfig = {
  start: BY_AGENT,
  stop: BY_AGENT,
  status: null,
  precheck: BY_AGENT,
  sync: BY_AGENT,
  resync: BY_AGENT,
  drain: BY_AGENT,
  undrain: BY_AGENT,
  fence: [],
};

export function memberDriver(world: SimWorld, options: MemberDriverOptions): NodeDriver {
  const { member, process, node: id } = options;
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
  const scripted = createSimDriver({ ...way, node, scripts });
  const { fence, fenceStatus } = scripted;
  const driver = node.agent === null ? scripted : { ...agentDriver(world, options), fence, fenceStatus };
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

/** Where the node has an agent steps go through the store, guarded by the term (S8). */
function agentDriver(world: SimWorld, { store, view, tenure, process, member }: MemberDriverOptions): NodeDriver {
  const { keys, history } = world;
  let ids = 0;
  const uniqueId = () => {
    ids += 1;
    return `order-${member.id}-${process.run}-${tenure.term}-${process.clock.bootMs()}-${ids}`;
  };
  const shared = { store, view, keys, clock: process.clock, uniqueId };
  const agent = createAgentCarrier({
    ...shared,
    guards: () => termGuards(keys, tenure),
    contactTimeoutMs: () => CONTACT_MS,
  });
  const logger = loggerFor(member.id, history);
  // Nothing here has another kind of action.
  const carriers = { agent } as ActionCarriers;
  const actionsOf = () => AGENT_ACTIONS;
  return createNodeDriver({ clock: process.clock, logger, carriers, actionsOf });
}
