// Opens the store of a cluster of machines: etcd 3.4 or later, with any number of members and any other users beside oneup.
import type { Clock } from '../../base/clock.ts';
import type { ClockBounds } from '../../base/clock-bounds.ts';
import type { Store } from '../../ports/store.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { RemoteStore } from '../remote-store.ts';
import { EtcdBackend } from './etcd-backend.ts';
import { EtcdBoundKeys } from './etcd-bound-keys.ts';
import { EtcdClient } from './etcd-client.ts';
import { EtcdFollower } from './etcd-follower.ts';
import { EtcdLists } from './etcd-lists.ts';
import type { StoreTls } from './etcd-member.ts';
import { EtcdRecords } from './etcd-records.ts';
import { EtcdTokenLease } from './etcd-token-lease.ts';

const CALL_TIMEOUT_MS = 2_000;
/** A watch that slept through this many changes lists again; at ten changes a second that is a quarter of an hour. */
const LOG_REVISIONS_MAX = 10_000;
/** Hints come with the watch; this only shows that etcd still answers. */
const POLL_MS = 500;

export type EtcdStoreOptions = {
  /** URLs of the client endpoints of all members. */
  readonly endpoints: readonly string[];
  /** What all keys of this cluster lie under; ends with a slash. */
  readonly namespace: string;
  /** What all keys begin with, left out of their names in etcd. */
  readonly root: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: StoreTls | null;
  readonly clock: Clock;
  readonly bounds: ClockBounds;
  /** Milliseconds [2000]. */
  readonly callTimeoutMs?: number;
  readonly logRevisionsMax?: number;
  readonly signal?: AbortSignal;
};

/**
 * Throws OneupError: ONEUP_STORE_UNREACHABLE, ONEUP_STORE_DENIED or ONEUP_STORE_CORRUPT. Safe to repeat. Dispose the store to
 * close its connections.
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const { clock, bounds, callTimeoutMs = CALL_TIMEOUT_MS } = options;
  return new RemoteStore(await openEtcdBackend(options), { clock, bounds, callTimeoutMs });
}

export async function openEtcdBackend(options: EtcdStoreOptions): Promise<RemoteBackend> {
  const { clock, callTimeoutMs = CALL_TIMEOUT_MS, logRevisionsMax = LOG_REVISIONS_MAX } = options;
  const memberTimeoutMs = callTimeoutMs / 2;
  const client = new EtcdClient({ ...options, memberTimeoutMs });
  try {
    const records = new EtcdRecords(options);
    const lists = new EtcdLists(client, records);
    const load = (signal: AbortSignal) => lists.snapshot(options.root, signal);
    const bound = new EtcdBoundKeys();
    const first = await within(options, load);
    const shared = { client, records, bound, clock, memberTimeoutMs };
    const follower = new EtcdFollower(first, { ...shared, load, revisionsMax: logRevisionsMax });
    return new EtcdBackend({ ...shared, follower, lists, lease: new EtcdTokenLease(client, clock), pollMs: POLL_MS });
  } catch (error) {
    client.close();
    throw error;
  }
}

/** A first list is longer than other calls, and is given as much more time. */
const FIRST_LIST_CALLS = 5;

async function within<T>(
  { clock, callTimeoutMs = CALL_TIMEOUT_MS, signal }: EtcdStoreOptions,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.timer(callTimeoutMs * FIRST_LIST_CALLS, () => deadline.abort(new Error('no answer in time')));
  try {
    return await run(signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]));
  } finally {
    timer.stop();
  }
}
