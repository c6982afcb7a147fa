// The line of a simulated agent: some prober that answers from the store, or nobody.
import type { StoreKeys } from '../../../src/base/store-keys.ts';
import type { AgentGoal, AgentLink, AgentOrder } from '../../../src/ports/agent-link.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { SimClock } from '../sim-clock.ts';
import type { SimEngine } from '../sim-engine.ts';
import { GENERATION } from '../sim-mark.ts';
import { LEASE } from './lease-run.ts';
import { askPeer, grantOf, renewThrough, type SimPeer } from './sim-peer.ts';

export type SimLinkOptions = {
  readonly node: string;
  readonly store: Store;
  readonly keys: StoreKeys;
  readonly clock: SimClock;
  /** Hints that there is something to ask for. */
  readonly engine: SimEngine;
  readonly onStoreLoss: AgentGoal['onStoreLoss'];
  readonly uniqueId: () => string;
  readonly peers: () => readonly SimPeer[];
};

const COMMAND = { kind: 'command', argv: ['script'], env: {}, cwd: null } as const;
const ACTIONS: AgentGoal['actions'] = {
  start: { kind: 'run', argv: ['web'], env: {}, cwd: null },
  sync: COMMAND,
  resync: COMMAND,
  drain: COMMAND,
  undrain: COMMAND,
};
const LOOK_MS = 40;
const POLL_MS = 300;

export function createSimLink(options: SimLinkOptions): AgentLink {
  const { node, store, keys, clock, engine, onStoreLoss, uniqueId, peers } = options;
  const versions = () => [keys.grant('web'), keys.goal('web', node)].map((key) => engine.get(key)?.version ?? 0);
  return {
    goals: async ({ after, signal }) => {
      for (let waitedMs = 0; waitedMs < POLL_MS && Math.max(...versions()) <= after; waitedMs += LOOK_MS)
        await clock.sleep(LOOK_MS, { signal });
      const grant = await store.get(keys.grant('web'));
      const order = await store.get(keys.goal('web', node));
      return {
        cluster: 'sim',
        generation: GENERATION,
        revision: Math.max(grant?.version ?? 0, order?.version ?? 0),
        goals: [
          {
            service: 'web',
            node,
            generation: GENERATION.number,
            grant: grantOf(grant?.value, node),
            order: order === null ? null : (JSON.parse(order.value) as AgentOrder),
            lease: LEASE,
            onStoreLoss,
            actions: ACTIONS,
          },
        ],
      };
    },
    renew: (renewal) => renewThrough(store, renewal, options),
    claim: async (renewal, { signal }) => {
      const asked = peers().map((peer) => askPeer(peer, renewal, { ...options, signal }));
      return (await Promise.all(asked)).filter((answer) => answer !== null);
    },
    report: async (report) => {
      const writes = [{ kind: 'put', key: keys.agent('web', node), value: JSON.stringify(report) }] as const;
      const result = await store.commit({ guards: [], writes, token: uniqueId() });
      if (result.kind !== 'committed') throw new Error(`The report was not committed: ${result.kind}`);
    },
  };
}
