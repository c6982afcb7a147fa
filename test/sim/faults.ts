// How each kind of fault is done to a world, and undone. A person's word is only given for a node that is really down, because
// no protocol survives a false one.
import { AGENT_FAULTS } from './agent/faults-agent.ts';
import { PEER_FAULTS } from './agent/faults-peers.ts';
import { type Draw, drawFrom } from './draw.ts';
import { type Fault, HARM_UNTIL_MS, type Schedule } from './fault.ts';
import { NETWORK_FAULTS } from './faults-network.ts';
import { NODE_FAULTS } from './faults-node.ts';
import { OPERATOR_FAULTS } from './faults-operator.ts';
import { PROCESS_FAULTS } from './faults-process.ts';
import type { SimWorld } from './sim-world.ts';

/** Begins the fault; what it returns ends it. */
export type Act = (world: SimWorld, draw: Draw, fault: Fault) => (() => void) | undefined;

const ACTS: Readonly<Record<Fault['kind'], Act>> = {
  ...NODE_FAULTS,
  ...PROCESS_FAULTS,
  ...NETWORK_FAULTS,
  ...OPERATOR_FAULTS,
  ...AGENT_FAULTS,
  ...PEER_FAULTS,
};

/** Puts the whole schedule on the world's clock, and peace at its end. */
export function scheduleFaults(world: SimWorld, { faults, liar }: Schedule): void {
  const { wire, time, history, places } = world;
  if (liar !== null) {
    const [last] = places.slice(-1);
    if (last !== undefined) last.node.lies = liar;
  }
  if (faults.some(({ kind }) => kind === 'store-restore')) world.engine.beginBackup();
  for (const fault of faults) {
    if (fault.phase === null) wire.timer(fault.atMs - time.nowMs, () => begin(world, fault));
  }
  const aimed = new Set(faults.filter(({ phase }) => phase !== null));
  history.records.onPhase((phase) => {
    for (const fault of aimed) {
      if (fault.phase !== phase || time.nowMs < fault.atMs || time.nowMs > HARM_UNTIL_MS - 1_000) continue;
      aimed.delete(fault);
      wire.timer(fault.afterMs, () => begin(world, fault));
    }
  });
  wire.timer(HARM_UNTIL_MS - time.nowMs, () => healAll(world));
}

function begin(world: SimWorld, fault: Fault): void {
  const { history, wire, time, coverage } = world;
  if (time.nowMs >= HARM_UNTIL_MS) return;
  const { kind } = fault;
  history.note(() => `FAULT ${fault.index} ${kind} for ${fault.forMs} ms`);
  coverage.fault(kind, history.records.phases);
  const end = ACTS[kind](world, drawFrom(fault.seed), fault);
  if (end === undefined) return;
  wire.timer(fault.forMs, () => {
    history.note(() => `END OF FAULT ${fault.index} ${kind}`);
    end();
  });
}

function healAll(world: SimWorld): void {
  world.history.note(() => 'HEALED');
  world.network.heal();
  world.engine.isDown = false;
  Object.assign(world.rates, { commitFault: 0, death: 0, pause: 0, duplicate: 0 });
  for (const dns of [world.dns, world.second]) dns?.calm();
  for (const { node } of world.places) node.heal();
  for (const member of world.members) {
    member.isLying = false;
    member.machine.wake(world.time);
    member.clock?.resume();
    member.start();
  }
}
