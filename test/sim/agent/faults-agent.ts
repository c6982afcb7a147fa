// What goes wrong with agents: they die, stand still, or lose the store while everything else goes on.
import type { Draw } from '../draw.ts';
import type { AgentFaultKind } from '../fault-kinds.ts';
import type { Act } from '../faults.ts';
import { bothWays } from '../sim-network.ts';
import type { SimNode } from '../sim-node.ts';
import { pickFrom, type SimWorld } from '../sim-world.ts';

const ACTIVE_SHARE = 0.8;

function victim({ places }: SimWorld, draw: Draw): SimNode {
  const alive = places.filter(({ node }) => node.isAlive);
  return pickFrom(draw, draw.chance(ACTIVE_SHARE) && alive.length > 0 ? alive : places).node;
}

const agentCrash: Act = (world, draw) => {
  const node = victim(world, draw);
  world.history.note(() => `  agent of ${node.id} dies`);
  node.agent?.crash();
  return undefined;
};

const agentPause: Act = (world, draw) => {
  const { id, agent } = victim(world, draw);
  world.history.note(() => `  agent of ${id} stands still`);
  agent?.pause();
  return () => agent?.resume();
};

const agentCut: Act = (world, draw) => {
  const { id } = victim(world, draw);
  const links = bothWays([id], ['store']);
  const cut = draw.chance(0.3) ? links.filter(([from]) => from === 'store') : links;
  world.history.note(() => `  cut ${cut.map(([from, to]) => `${from}>${to}`).join(' ')}`);
  return world.network.cut(cut);
};

export const AGENT_FAULTS = {
  'agent-crash': agentCrash,
  'agent-pause': agentPause,
  'agent-store-cut': agentCut,
} as const satisfies Record<AgentFaultKind, Act>;
