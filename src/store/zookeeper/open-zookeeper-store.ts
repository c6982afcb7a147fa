// Opens the store of a cluster in ZooKeeper: finds its root, reads it once, and follows it from there.
import type { Clock } from '../../base/clock.ts';
import type { ClockBounds } from '../../base/clock-bounds.ts';
import { OneupError } from '../../base/oneup-error.ts';
import type { Store } from '../../ports/store.ts';
import { RemoteStore } from '../remote-store.ts';
import { BlobFiles } from './blob-files.ts';
import { createRoot, readRoot } from './cluster-root.ts';
import { LogFollower } from './log-follower.ts';
import { LogReader } from './log-reader.ts';
import type { Endpoint, TlsOptions } from './open-socket.ts';
import { type Identity, type StoreLayout, storeLayout } from './store-layout.ts';
import { StoreWriter } from './store-writer.ts';
import { ValueReader } from './value-reader.ts';
import { ZookeeperBackend } from './zookeeper-backend.ts';
import type { ZookeeperConnection } from './zookeeper-connection.ts';
import { ZookeeperLine } from './zookeeper-line.ts';

const CALL_TIMEOUT_MS = 2_000;
const POLL_MS = 500;
const LOG_REVISIONS_MAX = 2_000;
/** An ensemble has up to seven servers. */
const ENDPOINTS_MAX = 32;

export type ZookeeperBackendOptions = {
  readonly cluster: string;
  readonly endpoints: readonly Endpoint[];
  /** With a user, every znode belongs to that user alone; without one, to everybody who reaches the server. */
  readonly username: string | null;
  /** Goes over the line as it is: use it with tls. */
  readonly password: string | null;
  readonly tls: TlsOptions | null;
  /** Makes the root of the cluster where there is none. Only `init` may (S4) [false]. */
  readonly create?: boolean;
  readonly clock: Clock;
  /** Longest wait for one answer, milliseconds [2000]. */
  readonly callTimeoutMs?: number;
  /** Milliseconds [500]. */
  readonly pollMs?: number;
  /** Revisions kept for watches and for tokens [2000]. */
  readonly logRevisionsMax?: number;
  readonly signal?: AbortSignal;
};

export type ZookeeperStoreOptions = ZookeeperBackendOptions & { readonly bounds: ClockBounds };

/**
 * Throws OneupError: UNREACHABLE when no endpoint answers, DENIED, NOT_INITIALISED without `create`, NEWER or CORRUPT.
 * Safe to repeat. Dispose the store to end its connection.
 */
export async function openZookeeperStore(options: ZookeeperStoreOptions): Promise<Store> {
  const backend = await openZookeeperBackend(options);
  return new RemoteStore(backend, options);
}

export async function openZookeeperBackend(options: ZookeeperBackendOptions): Promise<ZookeeperBackend> {
  checkOptions(options);
  const backend = connectParts(options);
  const signal = options.signal ?? new AbortController().signal;
  try {
    await backend.look(signal);
    await backend.sweep(signal);
    return backend;
  } catch (error) {
    backend.close();
    throw error;
  }
}

function connectParts(options: ZookeeperBackendOptions): ZookeeperBackend {
  const { clock, endpoints, tls, callTimeoutMs = CALL_TIMEOUT_MS, logRevisionsMax = LOG_REVISIONS_MAX } = options;
  const identity = identityOf(options);
  const layout = storeLayout(options.cluster, identity, logRevisionsMax);
  const { paths, owner } = layout;
  const closing = new AbortController();
  const hints = { wake: (): void => undefined };
  const line = new ZookeeperLine({
    endpoints,
    tls,
    identity,
    clock,
    silenceMaxMs: callTimeoutMs,
    greet: greeter(layout, options.create ?? false, closing.signal),
    onHint: (path) => {
      if (path === null || path === '' || path === paths.head) hints.wake();
    },
  });
  const blobs = new BlobFiles(paths, owner);
  const log = new LogReader(paths, blobs);
  const follower = new LogFollower({ line, paths, log, clock, logRevisionsMax, closing: closing.signal });
  const writer = new StoreWriter({ line, layout, follower, blobs, clock });
  const values = new ValueReader({ line, paths, follower, blobs });
  const pollMs = options.pollMs ?? POLL_MS;
  return new ZookeeperBackend({ line, layout, follower, writer, values, blobs, clock, pollMs, closing, hints });
}

/** Looks at every new connection whether the same store is behind it: a server may have been set up anew (S4). */
function greeter(
  layout: StoreLayout,
  create: boolean,
  signal: AbortSignal,
): (connection: ZookeeperConnection) => Promise<void> {
  let known: string | null = null;
  return async (connection) => {
    const asking = { connection, signal };
    let found = await readRoot(asking, layout);
    if (found === null && create && known === null) {
      await createRoot(asking, layout);
      found = await readRoot(asking, layout);
    }
    if (found === null) throw known === null ? notInitialised(layout) : replaced(layout, 'is gone');
    if (known !== null && found !== known) throw replaced(layout, 'was made anew');
    known = found;
  };
}

function identityOf({ username, password }: ZookeeperBackendOptions): Identity | null {
  return username === null ? null : { username, password: password ?? '' };
}

function checkOptions({
  endpoints,
  username,
  password,
  logRevisionsMax = LOG_REVISIONS_MAX,
}: ZookeeperBackendOptions): void {
  if (endpoints.length === 0 || endpoints.length > ENDPOINTS_MAX) {
    throw new RangeError(
      `Cannot open ZooKeeper: expected 1 to ${ENDPOINTS_MAX} endpoints, value was ${endpoints.length}`,
    );
  }
  if (username === null && password !== null)
    throw new RangeError('Cannot open ZooKeeper: a password needs a username');
  // The server splits at the first colon, so such a name would be another one there.
  if (username !== null && !/^[^:]+$/.test(username)) {
    throw new RangeError(`Cannot open ZooKeeper: a username is a text without a colon, value was ${username}`);
  }
  if (!(Number.isInteger(logRevisionsMax) && logRevisionsMax >= 1)) {
    throw new RangeError(`Cannot open ZooKeeper: logRevisionsMax must be a whole number, value was ${logRevisionsMax}`);
  }
}

function notInitialised({ paths }: StoreLayout): OneupError {
  return new OneupError(
    'ONEUP_STORE_NOT_INITIALISED',
    `Cannot open ZooKeeper: there is no cluster, value was ${paths.root}`,
  );
}

function replaced({ paths }: StoreLayout, how: string): OneupError {
  return new OneupError(
    'ONEUP_STORE_LOST',
    `Cannot use ZooKeeper: the root of the cluster ${how}, value was ${paths.root}`,
    {
      remedy: 'Put the data of the servers back; when it is gone for good, run oneup init, then oneup adopt',
    },
  );
}
