// What the agent of a node has around it: the clocks of its machine, a line to the store that can be cut, its keeper, and the
// checks of what it does.
import type { Timer } from '../../../src/base/clock.ts';
import type { AgentLink } from '../../../src/ports/agent-link.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import type { Store } from '../../../src/ports/store.ts';
import { type Draw, drawFrom } from '../draw.ts';
import { SimClock, SimMachine } from '../sim-clock.ts';
import { RHO } from '../sim-config.ts';
import { loggerFor } from '../sim-logger.ts';
import type { SimNode } from '../sim-node.ts';
import { createSimStore } from '../sim-store.ts';
import type { SimWorld } from '../sim-world.ts';
import { LeaseChecks } from './check-leases.ts';
import { drawKeeper, drawSkew, type LeaseRun } from './lease-run.ts';
import { SimAgent } from './sim-agent.ts';
import { SimKeeper } from './sim-keeper.ts';
import { createSimLink } from './sim-link.ts';
import type { SimPeer } from './sim-peer.ts';

/** One life of the agent: it ends with a crash or with the power. */
export type Life = { readonly clock: SimClock; readonly link: AgentLink; readonly run: number };

export type AgentMachine = {
  readonly keeper: SimKeeper;
  readonly draw: Draw;
  readonly logger: Logger;
  /** A new process on the machine. */
  readonly open: () => Life;
  /** After the time that a restart takes. */
  readonly later: (act: () => void) => void;
  readonly note: (text: () => string) => void;
};

const RESTART_MS = { min: 300, max: 4_000 } as const;
const STORE_DELAY_MAX_MS = 6;
/** Longer than an agent that has nothing to say is silent. */
const GONE_MS = 500;
/** An agent asks when it wants to know something: it watches nothing. */
const POLL_MS = 1_000_000;

/** Gives every node of the world an agent. */
export function addAgents(world: SimWorld, run: LeaseRun): void {
  const { engine, keys } = world;
  const draw = drawFrom(run.seed * 17 + 1);
  const checks = new LeaseChecks(world.history, () => JSON.parse(engine.get(keys.grant('web'))?.value ?? 'null'));
  world.history.records.onPhase((phase) => phase === 'START_NEW' && checks.begins(world.history.records.operation));
  for (const { node } of world.places)
    node.agent = new SimAgent(node, agentMachine(world, { node, draw, checks, run }));
}

type Around = {
  readonly node: SimNode;
  readonly draw: Draw;
  readonly checks: LeaseChecks;
  readonly run: LeaseRun;
};

function agentMachine(world: SimWorld, { node, draw, checks, run: { asksPeers } }: Around): AgentMachine {
  const { time, wire, history, keys } = world;
  const kind = drawKeeper(draw);
  const machine = new SimMachine({ rate: 1 + drawSkew(draw) / 1_000, offsetMs: draw.between(0, 1_000_000) });
  const note = (text: () => string) => history.note(text);
  const onKill = () => {
    history.note(() => `KEEPER of ${node.id} ends the service`);
    history.count('effect', 'keeper killed');
  };
  const clock = new SimClock(time, machine);
  const keeper = new SimKeeper({ node, clock, binds: kind !== 'unbound', checks, note, onKill });
  const onContact = presenceOf(world, node.id);
  let run = 0;
  let ids = 0;
  const open = (): Life => {
    run += 1;
    const own = new SimClock(time, machine);
    const store = connect(world, { id: node.id, clock: own, draw, checks, onContact });
    const uniqueId = () => {
      ids += 1;
      return `agent-${node.id}-${ids}`;
    };
    // Without a deadline nobody is armed: such a service outlives its lease (S37).
    const onStoreLoss = kind === 'unarmed' ? 'stay' : asksPeers ? 'stayIfPeersAgree' : 'selfFence';
    const peers = peersOf(world, { id: node.id, draw, checks });
    const { engine } = world;
    const link = createSimLink({ node: node.id, store, keys, clock: own, engine, onStoreLoss, uniqueId, peers });
    return { clock: own, run, link };
  };
  const later = (act: () => void) => void wire.timer(draw.between(RESTART_MS.min, RESTART_MS.max), act);
  return { keeper, draw, open, later, note, logger: loggerFor(`agent of ${node.id}`, history) };
}

/** Every prober as this node reaches it; messages take time, and a process that stands still answers when it goes on. */
function peersOf(
  { members, network, wire, history }: SimWorld,
  { id, draw, checks }: Omit<Way, 'clock' | 'onContact'>,
) {
  const way = () => new Promise<void>((resolve) => void wire.timer(draw.between(0, STORE_DELAY_MAX_MS), resolve));
  return (): readonly SimPeer[] =>
    members.map((member) => ({
      book: () => member.book,
      store: () => member.reads?.store ?? null,
      clock: () => member.clock,
      onAnswer: (kind, epoch) => {
        history.count('effect', `claim ${kind}`);
        if (kind === 'renewed') checks.passedOn(id, epoch);
      },
      there: async () => {
        await way();
        return network.carries(id, member.id);
      },
      back: async () => {
        await way();
        return network.carries(member.id, id);
      },
    }));
}

/** The prober through which an agent speaks removes its report when it has not heard of it for a while. */
function presenceOf({ engine, wire, keys }: SimWorld, id: string): () => void {
  const key = keys.agent('web', id);
  let gone: Timer | null = null;
  let count = 0;
  const remove = () => {
    count += 1;
    const writes = [{ kind: 'delete', key }] as const;
    if (!engine.isDown) engine.commit({ guards: [], writes, token: `gone-${id}-${wire.monotonicMs()}-${count}` });
  };
  return () => {
    gone?.stop();
    gone = wire.timer(GONE_MS, remove);
  };
}

type Way = {
  readonly id: string;
  readonly clock: SimClock;
  readonly draw: Draw;
  readonly checks: LeaseChecks;
  readonly onContact: () => void;
};

function connect(world: SimWorld, { id, clock, draw, checks, onContact }: Way): Store {
  const { engine, wire, network, rates, history } = world;
  const line = {
    canSend: () => network.carries(id, 'store'),
    canHear: () => network.carries('store', id),
    onContact,
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
