// A service that leaves the configuration although DNS names it and an instance may run: only by name (`oneup reload --release`).
// Nothing is stopped and the name goes on being answered; what oneup knew stays until `oneup forget`.
import type { ApiSource } from '../api/api-source.ts';
import type { RecordConfig, ServiceConfig } from '../config/config.ts';
import type { Guard, StoreEntry, StoreWrite } from '../ports/store.ts';

type Records = Pick<ApiSource, 'store' | 'keys'>;

/**
 * What the commit of the new configuration does beside it. Epoch, step and what DNS holds stay on record, so that a service that
 * comes back goes on above them; nobody is active, and every node is unknown, so that nothing starts beside what runs (S11, S19).
 */
export async function releaseService(
  { store, keys }: Records,
  { id, nodes, record: place }: ServiceConfig,
  record: Readonly<Record<string, unknown>>,
): Promise<{ readonly guards: readonly Guard[]; readonly writes: readonly StoreWrite[] }> {
  const prefixes = [keys.breadcrumbs(id), `${keys.goals}${id}/`, `${keys.root}lease/${id}/`, `${keys.requests}${id}/`];
  const lists = await Promise.all(prefixes.map((prefix) => store.list(prefix)));
  const grant = await store.get(keys.grant(id));
  const [crumbs = [], ...others] = lists.map(({ entries }) => entries);
  const gone = [...(grant === null ? [] : [grant]), ...others.flat()];
  // S7: an absent one would mean a node that joins, which needs no proof.
  const absent = nodes
    .filter((node) => !crumbs.some(({ key }) => key === keys.breadcrumb(id, node.id)))
    .map((node) => keys.breadcrumb(id, node.id));
  const version = 1 + Math.max(numberOr(record.crumbVersion), 0);
  const unknown = JSON.stringify({ kind: 'unknown', version, why: 'the service was released from the configuration' });
  // S28: DNS names nodes by id, and one that comes back under its id may be another machine.
  const releasedAt = Object.fromEntries(nodes.map((node) => [node.id, node.address]));
  const left = { ...withPlace(record, place), ...RELEASED, crumbVersion: version, releasedAt };
  return {
    guards: [
      ...crumbs.map(asItIs),
      ...absent.map((key): Guard => ({ kind: 'absent', key })),
      grant === null ? ({ kind: 'absent', key: keys.grant(id) } as const) : asItIs(grant),
    ],
    writes: [
      { kind: 'put', key: keys.service(id), value: JSON.stringify(left) },
      ...[...crumbs.map(({ key }) => key), ...absent].map((key): StoreWrite => ({ kind: 'put', key, value: unknown })),
      ...gone.map(({ key }): StoreWrite => ({ kind: 'delete', key })),
    ],
  };
}

/** Where `forget` takes the ownership TXT away, and under which name alone the service comes back (S26). */
export function withPlace(
  record: Readonly<Record<string, unknown>>,
  { name, zone, provider, second }: RecordConfig,
): object {
  return { ...record, releasedRecord: { name, zone, provider, ...(second === null ? {} : { second }) } };
}

/** What was said of a service that somebody controlled. */
const RELEASED = {
  active: null,
  awaitsOperator: true,
  refusal: null,
  dnsProblem: null,
  laggards: [],
  alerts: [],
  scheduled: null,
  failbackWindow: null,
  drill: null,
  early: null,
  maintenance: null,
  nodeMaintenance: {},
};

function asItIs({ key, version }: StoreEntry): Guard {
  return { kind: 'version', key, version };
}

function numberOr(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0;
}
