// Whether a configuration may replace the one in force at this moment (S7): nothing is under way, no node that may run is
// dropped or moved, and every record this is judged from is guarded, so that it still holds when the commit happens.
import type { ApiSource } from '../api/api-source.ts';
import { assertNever } from '../base/assert-never.ts';
import type { ServiceId } from '../base/ids.ts';
import type { Config, StoreConfig } from '../config/config.ts';
import type { Guard, StoreWrite } from '../ports/store.ts';
import { type Looked, lookAtService, refuse, secondThatLeaves } from './look-at-service.ts';
import { takeBack } from './take-back-service.ts';

export type Change = {
  /** What the record in force says: the very text whose version the commit is guarded by. */
  readonly inForce: Config;
  readonly next: Config;
  /** Services that leave although DNS names them or an instance may run. */
  readonly release?: readonly ServiceId[];
};

/** Reads the store itself, not a copy. Guards and writes belong into the commit of the new configuration. */
export async function lookBeforeReload(
  source: Pick<ApiSource, 'store' | 'keys'>,
  { inForce: config, next, release = [] }: Change,
): Promise<Looked> {
  const fixed = findFixed(config, next);
  if (fixed !== null)
    return refuse('S7.fixed', `${fixed} cannot be changed by a reload`, 'Set up another cluster with oneup init');
  const staying = release.find((id) => !lets(config, next, id));
  if (staying !== undefined) {
    const reason = `${staying} cannot be released: the file must leave out a service that is in force, or its second provider, and it does not`;
    return refuse('S7.not-leaving', reason, `Take ${staying} out of the file first`);
  }
  const guards: Guard[] = [];
  const writes: StoreWrite[] = [];
  for (const service of config.services) {
    const looked = await lookAtService(source, service, { next, release });
    if (looked.kind === 'refused') return looked;
    guards.push(...looked.guards);
    writes.push(...looked.writes);
  }
  for (const service of next.services.filter(({ id }) => !isIn(config, id))) {
    const looked = await takeBack(source, service, next.cluster.name);
    if (looked.kind === 'refused') return looked;
    guards.push(...looked.guards);
    writes.push(...looked.writes);
  }
  return { kind: 'free', guards, writes };
}

/** The service goes, or the second provider of its record does. */
function lets(config: Config, next: Config, id: ServiceId): boolean {
  const service = config.services.find((candidate) => candidate.id === id);
  const successor = next.services.find((candidate) => candidate.id === id);
  if (service === undefined || successor === undefined) return service !== undefined;
  return secondThatLeaves(service, successor) !== null;
}

function isIn({ services }: Config, service: ServiceId): boolean {
  return services.some(({ id }) => id === service);
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
