// A listener for agents on a real socket with a real certificate, in front of the memory store: what `oneup run` has, without its
// other roles. Time is real, because sockets are.

import { createHttpsLink, type HttpsLink } from '../../src/agent/https-link.ts';
import { type AgentDoor, createAgentDoor } from '../../src/api/agent-door.ts';
import type { AgentSource } from '../../src/api/agent-source.ts';
import { type RunningServer, type ServerLimits, startTlsServer } from '../../src/api/tls-server.ts';
import { makeToken, type TokenRecord } from '../../src/api/token-record.ts';
import { ClaimBook } from '../../src/base/claim-book.ts';
import { Secret } from '../../src/base/secret.ts';
import { storeKeys } from '../../src/base/store-keys.ts';
import { createSystemClock, type SystemClock } from '../../src/clock/system-clock.ts';
import type { Endpoint } from '../../src/config/config.ts';
import type { Session, Store } from '../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { SILENT, testConfig } from './prober-world.ts';
import { type Authority, type Certified, createAuthority } from './servers/certificates.ts';
import { put } from './store-calls.ts';

export const LEASE = { periodMs: 30_000, stopTimeoutMs: 5_000, marginMs: 2_000 };
export const GENERATION = { number: 3, id: 'g3' };
const BOUNDS = { rho: 0.01, marginMs: 100 };

export type Door = {
  readonly endpoint: Endpoint;
  /** What this prober sees; a test may replace it, also by one that throws. */
  source: () => AgentSource;
  readonly session: Session;
  readonly door: AgentDoor;
  readonly server: RunningServer;
  readonly book: ClaimBook;
};

export type DoorWorld = AsyncDisposable & {
  readonly clock: SystemClock;
  readonly keys: ReturnType<typeof storeKeys>;
  readonly store: Store;
  readonly authority: Authority;
  /** Another prober of the same store. */
  readonly open: (options?: OpenOptions) => Promise<Door>;
  /** A token for `agent`, in the store. */
  readonly token: (agent?: string, record?: Partial<TokenRecord>) => Promise<{ id: string; text: string }>;
  readonly link: (options: LinkOptions) => HttpsLink;
};

export type OpenOptions = {
  readonly limits?: Partial<ServerLimits>;
  readonly holdMs?: number;
  /** How long the process has been there [an hour]. */
  readonly startedAgoMs?: number;
};

export type LinkOptions = {
  readonly doors: readonly { readonly endpoint: Endpoint }[];
  readonly token: string;
  readonly cluster?: string;
  readonly ca?: string;
  /** What the node remembers of stores. */
  readonly generation?: { readonly number: number; readonly id: string };
};

/** Keys take a second to make, so tests of one file share them. */
export type Identity = { readonly authority: Authority; readonly certificate: Certified };

export function createIdentity(): Identity {
  const authority = createAuthority();
  return { authority, certificate: authority.certify(['IP:127.0.0.1']) };
}

/** Agent `n1` speaks for web/a, agent `n2` for web/b. The grant is of a, epoch 4. */
export async function openDoorWorld(identity: Identity = createIdentity()): Promise<DoorWorld> {
  const keys = storeKeys('test');
  const memory = new MemoryStoreWorld();
  const { authority, certificate } = identity;
  const owned = new AsyncDisposableStack();
  const clock = owned.use(createSystemClock());
  const store = memory.connect({ clock, bounds: BOUNDS });
  await put(store, keys.meta, JSON.stringify({ cluster: 'test', generation: GENERATION, schema: 1 }));
  await setGrant({ store, keys }, { node: 'a', epoch: 4, revoked: false });
  const open = async ({ limits, holdMs, startedAgoMs = 3_600_000 }: OpenOptions = {}): Promise<Door> => {
    const own = memory.connect({ clock, bounds: BOUNDS });
    const ended = new AbortController();
    owned.defer(() => ended.abort());
    const view = startStoreMirror({
      ...{ store: own, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 30_000 },
      signal: ended.signal,
    });
    await view.ready;
    const session = await own.openSession({ id: crypto.randomUUID(), ttlMs: 10_000 });
    const config = testConfig();
    const book = new ClaimBook({
      peer: `p${crypto.randomUUID()}`,
      startedMonoMs: clock.monotonicMs() - startedAgoMs,
      bounds: BOUNDS,
    });
    const current: AgentSource = {
      ...{ config, keys, view, store: own, clock, configVersion: null },
      session: () => session,
      uniqueId: () => crypto.randomUUID(),
      nodesOf: (agent) => nodesOf(agent),
    };
    let opened: Door | null = null;
    const door = createAgentDoor({
      clock,
      logger: SILENT,
      source: () => (opened === null ? current : opened.source()),
      book,
      lastSeen: () => current,
      ...(holdMs === undefined ? {} : { holdMs }),
    });
    const server = await startTlsServer({
      endpoints: [{ host: '127.0.0.1', port: 0 }],
      certificate,
      answer: door.answer,
      logger: SILENT,
      ...(limits === undefined ? {} : { limits }),
    });
    owned.defer(async () => {
      await server[Symbol.asyncDispose]();
      door[Symbol.dispose]();
      await session.close();
    });
    const [endpoint] = server.endpoints;
    if (endpoint === undefined) throw new Error('the listener has no endpoint');
    opened = { endpoint, source: () => current, session, door, server, book };
    return opened;
  };
  return {
    clock,
    keys,
    store,
    authority,
    open,
    token: async (agent = 'n1', record = {}) => {
      const { id, text, sha256 } = makeToken();
      const full = { role: 'agent', agent, sha256, createdWallMs: 0, expiresWallMs: null, note: '', ...record };
      await put(store, keys.token(id), JSON.stringify(full));
      return { id, text };
    },
    link: ({ doors, token, cluster = 'test', ca = authority.ca, generation }) =>
      owned.use(
        createHttpsLink({
          clock,
          probers: doors.map(({ endpoint }) => endpoint),
          cluster,
          generation: generation ?? null,
          token: new Secret(token),
          tls: { ca, serverName: null },
        }),
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

export async function setGrant(
  { store, keys }: Pick<DoorWorld, 'store' | 'keys'>,
  grant: { readonly node: string; readonly epoch: number; readonly revoked: boolean },
): Promise<void> {
  await put(store, keys.grant('web'), JSON.stringify(grant));
}

function nodesOf(agent: string): ReturnType<AgentSource['nodesOf']> {
  const node = { n1: 'a', n2: 'b' }[agent];
  if (node === undefined) return [];
  return [{ service: 'web', node, lease: LEASE, onStoreLoss: 'stayIfPeersAgree', actions: {} }];
}
