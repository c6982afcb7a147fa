// Whether a configuration may replace the one in force at this moment (S7): nothing is under way, no node that may run is
// dropped or moved, and every record this is judged from is guarded, so that it still holds when the commit happens.
import type { ApiSource } from '../api/api-source.ts';
import { assertNever } from '../base/assert-never.ts';
import type { Config, NodeConfig, ServiceConfig, StoreConfig } from '../config/config.ts';
import type { Guard, StoreEntry, StoreWrite } from '../ports/store.ts';

export type Looked =
  /** The writes forget what was known of nodes that go: whatever comes back under their name is new, and joins. */
  | { readonly kind: 'free'; readonly guards: readonly Guard[]; readonly writes: readonly StoreWrite[] }
  | { readonly kind: 'refused'; readonly rule: string; readonly reason: string; readonly remedy: string };

/** Reads the store itself, not a copy. Guards and writes belong into the commit of the new configuration. */
export async function lookBeforeReload(source: ApiSource, next: Config): Promise<Looked> {
  const { config } = source;
  const fixed = findFixed(config, next);
  if (fixed !== null)
    return refuse('S7.fixed', `${fixed} cannot be changed by a reload`, 'Set up another cluster with oneup init');
  const guards: Guard[] = [];
  const writes: StoreWrite[] = [];
  for (const service of config.services) {
    const looked = await lookAtService(source, service, next);
    if (looked.kind === 'refused') return looked;
    guards.push(...looked.guards);
    writes.push(...looked.writes);
  }
  return { kind: 'free', guards, writes };
}

/** Where the store, the guard's memory, sockets and marks are: a running cluster cannot move them under its own feet. */
function findFixed(config: Config, next: Config): string | null {
  if (next.cluster.name !== config.cluster.name) return 'cluster.name';
  if (placeOf(next.cluster.store) !== placeOf(config.cluster.store)) return 'cluster.store';
  return next.cluster.stateDir === config.cluster.stateDir ? null : 'cluster.stateDir';
}

/** Endpoints and secrets of one and the same store may change, and are taken up by the next start of a prober. */
function placeOf(store: StoreConfig): string {
  switch (store.kind) {
    case 'sqlite':
      return `sqlite ${store.path}`;
    case 'etcd':
    case 'zookeeper':
      return store.kind;
    case 'postgres':
    case 'mysql':
      return `${store.kind} ${store.database}`;
    default:
      return assertNever(store);
  }
}

async function lookAtService({ store, keys }: ApiSource, service: ServiceConfig, next: Config): Promise<Looked> {
  const op = keys.operation(service.id);
  if ((await store.get(op)) !== null) {
    const reason = `an operation of ${service.id} is running and keeps its configuration to its end`;
    return refuse('S7.operation-running', reason, `Wait for it; see oneup why ${service.id}`);
  }
  const guards: Guard[] = [{ kind: 'absent', key: op }];
  const writes: StoreWrite[] = [];
  const successor = next.services.find((candidate) => candidate.id === service.id);
  const kept = successor?.nodes ?? [];
  const record = readRecord(await store.get(keys.service(service.id)));
  const published = record.dns?.confirmed?.node ?? null;
  if (!service.exclusive && successor?.exclusive === true && !record.maintenance) {
    const reason = `${service.id} ran in several places and nothing is known of them, so it cannot become exclusive as it is`;
    return refuse('S7.becomes-exclusive', reason, `Put it in maintenance first: oneup maintenance on ${service.id}`);
  }
  for (const node of service.nodes) {
    const change = changeOf(node, kept);
    if (change === null || !service.exclusive) continue;
    const entry = await store.get(keys.breadcrumb(service.id, node.id));
    const kind = crumbKind(entry);
    if (kind !== 'down') {
      const reason = `node ${node.id} of ${service.id} may be running (its record is ${kind}) and cannot be ${change}`;
      const remedy = `Move the service away, or run oneup confirm-down ${service.id} --node ${node.id} --reason "..."`;
      return refuse('S7.node-may-run', reason, remedy);
    }
    if (published === node.id) {
      const reason = `DNS still names node ${node.id} of ${service.id}, which cannot be ${change}`;
      return refuse('S7.node-published', reason, `Make another node active first: oneup switchover ${service.id}`);
    }
    if (entry === null) continue;
    guards.push({ kind: 'version', key: entry.key, version: entry.version });
    writes.push({ kind: 'delete', key: entry.key });
  }
  return { kind: 'free', guards, writes };
}

/** A node with another address is another machine under an old name: removing and adding at once. */
function changeOf(node: NodeConfig, kept: readonly NodeConfig[]): 'removed' | 'moved to another address' | null {
  const found = kept.find((candidate) => candidate.id === node.id);
  if (found === undefined) return 'removed';
  return found.address === node.address ? null : 'moved to another address';
}

type ServiceFacts = {
  readonly dns?: { readonly confirmed?: { readonly node?: string } | null };
  readonly maintenance?: object | null;
};

function readRecord(entry: StoreEntry | null): ServiceFacts {
  return JSON.parse(entry?.value ?? '{}') as ServiceFacts;
}

function crumbKind(entry: StoreEntry | null): string {
  const { kind = 'unknown' } = JSON.parse(entry?.value ?? '{}') as { readonly kind?: string };
  return kind;
}

function refuse(rule: string, reason: string, remedy: string): Looked {
  return { kind: 'refused', rule, reason, remedy };
}
