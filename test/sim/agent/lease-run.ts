// Runs whose nodes have agents with leases: which seeds they are, what the nodes have to end a service at its deadline, and the
// configuration that no file gives, because no kind of driver has an agent.
import type { Config, NodeConfig } from '../../../src/config/config.ts';
import { type Draw, drawFrom } from '../draw.ts';

/** L of the runs, short enough that a wait for it fits into one, and what is taken off it (S14). */
export const LEASE = { periodMs: 4_000, stopTimeoutMs: 400, marginMs: 200 } as const;
const START = { kind: 'run', command: { argv: ['web'], env: [], cwd: null } } as const;
const AGENT = { start: START, lease: LEASE } as const;

/**
 * `kills`: a keeper that ends the service at the deadline. `unarmed`: it was never told a deadline. `unbound`: it kills, and the
 * service does not die of it. The last two are written in the lease, and such a lease proves nothing (S16).
 */
export type KeeperKind = 'kills' | 'unarmed' | 'unbound';

export type LeaseRun = {
  readonly seed: number;
  /** Half of these runs have no device: nothing but a stop and the lease can prove that a node is down. */
  readonly hasLadder: boolean;
  /** In half of these runs services stay without a store while the probers agree (S37). */
  readonly asksPeers: boolean;
};

const LEASE_SHARE = 0.2;
const PEERS_SHARE = 0.5;
/** Clocks at the ends of what S1 allows show a wait that is too short. */
const EXTREME_SHARE = 0.75;
const SKEW_MAX = 50;

export function drawLeaseRun(seed: number): LeaseRun | null {
  const draw = drawFrom(seed * 11 + 7);
  // From a draw of its own, so that all else in the run stays as it is.
  const asksPeers = drawFrom(seed * 23 + 11).chance(PEERS_SHARE);
  return draw.chance(LEASE_SHARE) ? { seed, hasLadder: draw.chance(0.5), asksPeers } : null;
}

export function drawKeeper(draw: Draw): KeeperKind {
  return draw.pick(['kills', 'kills', 'kills', 'unarmed', 'unbound'] as const);
}

/** How much a node's clocks differ from true time, in thousandths. */
export function drawSkew(draw: Draw): number {
  return draw.chance(EXTREME_SHARE) ? -SKEW_MAX : draw.between(-SKEW_MAX, SKEW_MAX);
}

/** Where leases are waited for, the clocks that wait are as fast as S1 allows. */
export function waiterSkew(skew: number, run: LeaseRun | null): number {
  return run === null ? skew : SKEW_MAX;
}

export function withLeases(config: Config, { hasLadder, asksPeers }: LeaseRun): Config {
  const onStoreLoss = asksPeers ? 'stayIfPeersAgree' : 'selfFence';
  const leased = (node: NodeConfig): NodeConfig => {
    const { actions } = node;
    return {
      ...node,
      agent: { name: node.id, ...AGENT, onStoreLoss },
      leaseProof: true,
      actions: hasLadder ? actions : { ...actions, fence: [] },
    };
  };
  const services = config.services.map((service) => ({ ...service, nodes: service.nodes.map(leased) }));
  return { ...config, services };
}
