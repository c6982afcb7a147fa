// What the agent of a node has around it: the clocks of its machine, a line to the store that can be cut, its keeper, and the
// checks of what it does.
import type { StoreKeys } from '../../../src/base/store-keys.ts';
import { type Draw, drawFrom } from '../draw.ts';
import { SimClock, SimMachine } from '../sim-clock.ts';
import { RHO } from '../sim-config.ts';
import type { SimNode } from '../sim-node.ts';
import { createSimStore } from '../sim-store.ts';
import type { SimWorld } from '../sim-world.ts';
import { LeaseChecks } from './check-leases.ts';
import { drawKeeper, drawSkew, type KeeperKind, type LeaseRun } from './lease-run.ts';
import { type Life, SimAgent } from './sim-agent.ts';
import { SimKeeper } from './sim-keeper.ts';

export type AgentMachine = {
  readonly kind: KeeperKind;
  readonly keys: StoreKeys;
  readonly draw: Draw;
  readonly checks: LeaseChecks;
  readonly keeper: SimKeeper;
  /** A new process on the machine. */
  readonly open: () => Life;
  /** After the time that a restart takes. */
  readonly later: (act: () => void) => void;
  readonly note: (text: () => string) => void;
};

const RESTART_MS = { min: 300, max: 4_000 } as const;
const STORE_DELAY_MAX_MS = 6;
/** An agent asks when it wants to know something: it watches nothing. */
const POLL_MS = 1_000_000;

/** Gives every node of the world an agent. */
export function addAgents(world: SimWorld, run: LeaseRun): void {
  const { engine, keys } = world;
  const draw = drawFrom(run.seed * 17 + 1);
  const checks = new LeaseChecks(world.history, () => JSON.parse(engine.get(keys.grant('web'))?.value ?? 'null'));
  world.history.records.onPhase((phase) => phase === 'START_NEW' && checks.begins(world.history.records.operation));
  for (const { node } of world.places) node.agent = new SimAgent(node, agentMachine(world, { node, draw, checks }));
}

type Around = { readonly node: SimNode; readonly draw: Draw; readonly checks: LeaseChecks };

function agentMachine(world: SimWorld, { node, draw, checks }: Around): AgentMachine {
  const { time, wire, history, keys } = world;
  const kind = drawKeeper(draw);
  const machine = new SimMachine({ rate: 1 + drawSkew(draw) / 1_000, offsetMs: draw.between(0, 1_000_000) });
  const keeper = new SimKeeper(new SimClock(time, machine), () => {
    if (kind !== 'kills' || !node.isAlive) return;
    history.note(() => `KEEPER of ${node.id} ends the service`);
    history.count('effect', 'keeper killed');
    node.release();
  });
  let run = 0;
  const open = () => {
    run += 1;
    const clock = new SimClock(time, machine);
    return { clock, run, store: connect(world, { id: node.id, clock, draw, checks }) };
  };
  const later = (act: () => void) => void wire.timer(draw.between(RESTART_MS.min, RESTART_MS.max), act);
  return { kind, keys, draw, checks, keeper, open, later, note: (text) => history.note(text) };
}

type Way = { readonly id: string; readonly clock: SimClock; readonly draw: Draw; readonly checks: LeaseChecks };

function connect({ engine, wire, network, rates, history }: SimWorld, { id, clock, draw, checks }: Way): Life['store'] {
  const line = {
    canSend: () => network.carries(id, 'store'),
    canHear: () => network.carries('store', id),
    onContact: () => undefined,
  };
  const store = engine.connect(line, { clock, bounds: { rho: RHO, marginMs: 200 }, pollMs: POLL_MS });
  const told: Parameters<typeof createSimStore>[0]['history'] = {
    note: (text) => history.note(text),
    count: (group, what) => history.count(group, what),
    committed: (sender, request) => {
      checks.committed(id, request.writes);
      history.committed(sender, request);
    },
  };
  const faultRate = () => rates.commitFault;
  const way = { engine, draw, wire, clock, faultRate, delayMaxMs: STORE_DELAY_MAX_MS };
  return createSimStore({ ...way, store, history: told, sender: id });
}
