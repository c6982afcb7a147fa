// Who the members of the configured store are and how they are, for `status`: asked of each member itself, so that the answer
// comes also while there is no store.
import { assertNever } from '../base/assert-never.ts';
import type { Config, StoreConfig } from '../config/config.ts';
import type { Store } from '../ports/store.ts';
import type { StoreMember } from '../ports/store-member.ts';
import type { AskLimits } from '../store/ask-members.ts';
import { MemberCache } from '../store/member-cache.ts';
import type { AppDeps } from './app-deps.ts';
import { revealAccess, sqlPlace } from './open-store.ts';

/** Part of `callTimeout` that a member has: as long as the store itself waits for one of several. */
const PART_OF_CALL = 2;
/** The command line waits 5 s for the whole answer. */
const TIMEOUT_MAX_MS = 2_000;
const FILE_TIMEOUT_MS = 1_000;

/** `isInUse`: this prober's own questions go there. */
export type ShownMember = StoreMember & { readonly isInUse: boolean };

type UsedStore = Pick<Store, 'health' | 'inUse'>;

/** Never rejects: what cannot be asked is told in the log, and nobody is shown. `store` is the one in use, if any. */
export function openMembers(
  { cluster }: Config,
  { clock, signal, logger }: AppDeps,
  store: () => UsedStore | undefined,
): () => Promise<readonly ShownMember[]> {
  const ask = () => askAll(cluster.store, { clock, timeoutMs: timeoutMsOf(cluster.store), signal });
  const cache = new MemberCache({ clock, ask });
  return async () => {
    try {
      const members = await cache.members();
      const inUse = nameInUse(store(), members);
      return members.map((member) => ({ ...member, isInUse: member.name === inUse }));
    } catch (error) {
      logger.error({ err: error }, 'the members of the store cannot be asked');
      return [];
    }
  };
}

/** A store that is one file says no name. */
function nameInUse(store: UsedStore | undefined, members: readonly StoreMember[]): string | null {
  if (store?.health().kind !== 'reachable') return null;
  return store.inUse === undefined && members.length === 1 ? (members[0]?.name ?? null) : (store.inUse?.() ?? null);
}

function timeoutMsOf(store: StoreConfig): number {
  if (store.kind === 'sqlite') return FILE_TIMEOUT_MS;
  return Math.min(TIMEOUT_MAX_MS, Math.ceil(store.callTimeoutMs / PART_OF_CALL));
}

async function askAll(store: StoreConfig, limits: AskLimits): Promise<readonly StoreMember[]> {
  switch (store.kind) {
    case 'sqlite': {
      const { askSqliteMembers } = await import('../store/sqlite/sqlite-members.ts');
      return askSqliteMembers(store.path, limits);
    }
    case 'etcd': {
      const { askEtcdMembers } = await import('../store/etcd/etcd-members.ts');
      return askEtcdMembers({ endpoints: store.endpoints, ...revealAccess(store) }, limits);
    }
    case 'zookeeper': {
      const { askZookeeperMembers } = await import('../store/zookeeper/zookeeper-members.ts');
      return askZookeeperMembers({ endpoints: store.endpoints, tls: revealAccess(store).tls }, limits);
    }
    case 'postgres': {
      const { askPostgresMembers } = await import('../store/postgres/postgres-members.ts');
      return askPostgresMembers({ ...revealAccess(store), ...sqlPlace(store) }, limits);
    }
    case 'mysql': {
      const { askMysqlMembers } = await import('../store/mysql/mysql-members.ts');
      return askMysqlMembers({ ...revealAccess(store), ...sqlPlace(store) }, limits);
    }
    default:
      return assertNever(store);
  }
}
