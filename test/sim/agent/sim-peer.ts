// What a prober does for the agent of a simulated node: renews its lease in the store, or gives its word without one (S37).
import type { ClaimBook } from '../../../src/base/claim-book.ts';
import { parseClaimRecord } from '../../../src/base/claim-record.ts';
import type { StoreKeys } from '../../../src/base/store-keys.ts';
import type { ClaimAnswer, Renewal, RenewalAnswer } from '../../../src/ports/agent-link.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { SimClock } from '../sim-clock.ts';
import { GENERATION } from '../sim-mark.ts';

export type SimPeer = {
  /** Of the process that runs now; null: there is none. */
  readonly book: () => ClaimBook | null;
  readonly store: () => Store | null;
  readonly clock: () => SimClock | null;
  readonly onAnswer: (kind: ClaimAnswer['kind'], epoch: number) => void;
  /** A message there, and one back: whether it arrives. */
  readonly there: () => Promise<boolean>;
  readonly back: () => Promise<boolean>;
};

export type Through = { readonly node: string; readonly keys: StoreKeys; readonly uniqueId: () => string };

type Grant = { readonly node: string; readonly epoch: number; readonly revoked: boolean };

const STORE_MS = 100;

export async function renewThrough(
  store: Store,
  { service: _service, node: _node, seen, ...said }: Renewal,
  { node, keys, uniqueId }: Through,
): Promise<RenewalAnswer> {
  const entry = await store.get(keys.grant('web'));
  const last = await store.get(keys.lease('web', node));
  const grant = grantOf(entry?.value, node);
  if (entry !== null && grant?.revoked === false && grant.epoch > said.epoch) return { kind: 'regranted' };
  if (entry === null || grant === null || grant.revoked || grant.epoch !== said.epoch)
    return { kind: 'over', reason: 'its grant has ended' };
  const version = last?.version ?? 0;
  if (version !== seen) return { kind: 'behind', version };
  const key = keys.lease('web', node);
  const writes = [{ kind: 'put', key, value: JSON.stringify(said) }] as const;
  const lease = last === null ? ({ kind: 'absent', key } as const) : ({ kind: 'version', key, version } as const);
  const guards = [{ kind: 'version', key: keys.grant('web'), version: entry.version }, lease] as const;
  const { entries } = await store.list(keys.claims('web'));
  const result = await store.commit({ guards, writes, token: uniqueId() });
  const peers = entries.flatMap(({ value }) => parseClaimRecord(value)?.peer ?? []);
  if (result.kind === 'committed') return { kind: 'renewed', version: result.revision, peers };
  throw new Error(`The renewal was not committed: ${result.kind}`);
}

/** null: nobody answers in time. */
export async function askPeer(
  peer: SimPeer,
  renewal: Renewal,
  { signal, ...through }: Through & { readonly signal: AbortSignal },
): Promise<ClaimAnswer | null> {
  const late = new Promise<null>((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }));
  const answered = (async () => {
    if (!(await peer.there())) return null;
    const answer = await answerOf(peer, renewal, through);
    if (answer !== null) peer.onAnswer(answer.kind, renewal.epoch);
    return (await peer.back()) ? answer : null;
  })();
  return Promise.race([answered, late]);
}

async function answerOf(peer: SimPeer, renewal: Renewal, through: Through): Promise<ClaimAnswer | null> {
  const [book, store, clock] = [peer.book(), peer.store(), peer.clock()];
  if (book === null || clock === null) return null;
  await new Promise<void>((resolve) => void clock.timer(1, () => resolve()));
  const late = new Promise<null>((resolve) => void clock.timer(STORE_MS, () => resolve(null)));
  const renewing = store === null ? null : renewThrough(store, renewal, through).catch(() => null);
  const renewed = await Promise.race([renewing, late]);
  return (
    renewed ?? { ...book.judge({ ...renewal, generation: GENERATION.number }, clock.monotonicMs()), peer: book.peer }
  );
}

export function grantOf(text: string | undefined, node: string): Grant | null {
  const grant = text === undefined ? null : (JSON.parse(text) as Grant);
  return grant?.node === node ? grant : null;
}
