// A prober that was away while the store was put back to an older state has no mark that shows it. Its peers have: their name
// servers answer with the ownership text of the last write that reached them, and a store that knows of less went back (S4).
import type { ServiceId } from '../base/ids.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { Config, ProberConfig } from '../config/config.ts';
import type { Ownership } from '../plan/ownership.ts';
import type { Store } from '../ports/store.ts';
import type { ClusterRecord } from '../store/cluster-record.ts';
import { type AskOptions, askPeers } from './ask-peers.ts';

/** Every connection to the store waits for this, so peers that are slow or gone get no more of it. */
const ALL_PEERS_MS = 2_000;

type Owners = readonly (readonly [ServiceId, Ownership])[];

/**
 * Peers that do not answer have nothing to say, and what was not heard within the deadline is not known; a prober that is alone
 * starts all the same. Never rejects.
 */
export async function ownersAtPeers(config: Config, self: ProberConfig, options: AskOptions): Promise<Owners> {
  const others = config.cluster.probers.filter(({ id }) => id !== self.id);
  const { clock } = options;
  const deadline = new AbortController();
  const timer = clock.timer(ALL_PEERS_MS, () => deadline.abort(new Error('the peers took too long')));
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const peers = await askPeers(config, others, { clock, signal, attempts: 1 });
  timer.stop();
  return peers.flatMap(({ owners }) => [...owners]);
}

/** Why this store is older than what a peer has seen; null when it is not. */
export async function findAhead(
  store: Store,
  config: Config,
  { generation }: ClusterRecord,
  owners: Owners,
): Promise<string | null> {
  const keys = storeKeys(config.cluster.name);
  for (const [service, owner] of owners) {
    // A newer generation of the store is taken whatever an older one has written.
    if (owner.generation < generation.number) continue;
    if (owner.generation > generation.number) return say(service, 'generation', owner.generation, generation.number);
    const { epoch, seq } = readNumbers((await store.get(keys.service(service)))?.value);
    if (owner.epoch > epoch) return say(service, 'epoch', owner.epoch, epoch);
    if (owner.epoch === epoch && owner.seq > seq) return say(service, 'seq', owner.seq, seq);
  }
  return null;
}

function say(service: ServiceId, what: string, seen: number, known: number): string {
  return `a name server of this cluster answers for ${service} with ${what} ${seen}, and the store knows of ${known}`;
}

/** Zero for what is not there; a record that cannot be read is told by whoever has to use it. */
function readNumbers(text: string | undefined): { readonly epoch: number; readonly seq: number } {
  try {
    const { epoch, dns } = JSON.parse(text ?? '{}') as { epoch?: unknown; dns?: { seq?: unknown } };
    return { epoch: Number(epoch ?? 0), seq: Number(dns?.seq ?? 0) };
  } catch {
    return { epoch: Number.MAX_SAFE_INTEGER, seq: 0 };
  }
}
