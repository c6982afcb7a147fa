// What goes wrong with agents: they die, stand still, or lose the store while everything else goes on.
import type { Draw } from '../draw.ts';
import { HARM_UNTIL_MS } from '../fault.ts';
import type { AgentFaultKind } from '../fault-kinds.ts';
import type { Act } from '../faults.ts';
import { bothWays } from '../sim-network.ts';
import type { SimNode } from '../sim-node.ts';
import { pickFrom, type SimWorld } from '../sim-world.ts';
import { LEASE } from './lease-run.ts';

const ACTIVE_SHARE = 0.8;
const AFTER_MAX_MS = 60;
const MAINTENANCE_MS = 700;
const MOVES_MS = [1_100, 1_300, 1_500, 1_800] as const;
const MOVE = { kind: 'switchover', from: null, to: null, waitsForTtl: false, reason: 'sim' } as const;

function victim({ places }: SimWorld, draw: Draw): SimNode {
  const alive = places.filter(({ node }) => node.isAlive);
  return pickFrom(draw, draw.chance(ACTIVE_SHARE) && alive.length > 0 ? alive : places).node;
}

/**
 * Many come just when a person moves or adopts the service and its grant changes hands: from then on the lease alone says what
 * becomes of an agent that nobody reaches.
 */
function strike(world: SimWorld, draw: Draw, act: () => void): void {
  const when = draw.pick(['now', 'moved', 'moved', 'adopted'] as const);
  if (when === 'now') return act();
  if (when === 'moved') world.command(MOVE);
  else adoptAgain(world);
  const { history, time, wire } = world;
  let isOver = false;
  history.records.onPhase((phase) => {
    const isTime = phase === (when === 'moved' ? 'STOP_OLD' : 'START_NEW');
    if (!isTime || isOver || time.nowMs > HARM_UNTIL_MS - AFTER_MAX_MS) return;
    isOver = true;
    wire.timer(draw.between(0, AFTER_MAX_MS), act);
    if (when === 'adopted') moveAfter(world);
  });
}

/**
 * An adoption that nobody heard of fails, and somebody moves the service at once: what runs has a lease of the epoch before, and
 * none of the epoch that is revoked now.
 */
function moveAfter(world: SimWorld): void {
  for (const ms of MOVES_MS)
    world.wire.timer(ms, () => {
      if (world.time.nowMs < HARM_UNTIL_MS) world.command(MOVE);
    });
}

/** Leaving maintenance is an adoption (S35). */
function adoptAgain(world: SimWorld): void {
  const maintain = (on: boolean) =>
    world.command({ kind: 'maintenance', on, node: null, reason: 'sim', expiresAfterMs: on ? 60_000 : 0 });
  maintain(true);
  world.wire.timer(MAINTENANCE_MS, () => maintain(false));
}

const agentCrash: Act = (world, draw) => {
  strike(world, draw, () => {
    const { id, agent } = victim(world, draw);
    world.history.note(() => `  agent of ${id} dies`);
    agent?.crash();
  });
  return undefined;
};

/** Long enough that a lease runs out, and the wait for it too. */
const agentPause: Act = (world, draw, { forMs }) => {
  strike(world, draw, () => {
    const { id, agent } = victim(world, draw);
    world.history.note(() => `  agent of ${id} stands still`);
    agent?.pause();
    world.wire.timer(2 * LEASE.periodMs + forMs, () => agent?.resume());
  });
  return undefined;
};

const agentCut: Act = (world, draw, { forMs }) => {
  strike(world, draw, () => {
    const { id } = victim(world, draw);
    const links = bothWays([id], ['store']);
    const cut = draw.chance(0.3) ? links.filter(([from]) => from === 'store') : links;
    world.history.note(() => `  cut ${cut.map(([from, to]) => `${from}>${to}`).join(' ')}`);
    world.wire.timer(forMs, world.network.cut(cut));
  });
  return undefined;
};

export const AGENT_FAULTS = {
  'agent-crash': agentCrash,
  'agent-pause': agentPause,
  'agent-store-cut': agentCut,
} as const satisfies Record<AgentFaultKind, Act>;
