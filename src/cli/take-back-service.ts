// A service that comes into the configuration although records of it are there: released before, and perhaps forgotten.
import type { ApiSource } from '../api/api-source.ts';
import type { ServiceConfig } from '../config/config.ts';
import { placeOf } from '../config/second-provider.ts';
import {
  isDisowning,
  type LeftRecord,
  mayBePublished,
  type Remembered,
  readForgotten,
  readLeftRecord,
} from '../controller/read-forgotten-record.ts';
import { readOwnedRecords } from '../controller/read-owned-records.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { ServiceRecord } from '../failover/service-state.ts';
import type { Guard, StoreEntry, StoreWrite } from '../ports/store.ts';
import { type Looked, readFacts } from './look-at-service.ts';

type Records = Pick<ApiSource, 'store' | 'keys'>;

/**
 * A service that comes back goes on above the epoch that it had, also when it was forgotten (S12); what was known of it must fit:
 * its mode, its name, and where DNS has its nodes. Of its nodes nothing is known, also of those with new names: one that was absent
 * would join without a proof (S7, S11).
 */
export async function takeBack({ store, keys }: Records, service: ServiceConfig, cluster: string): Promise<Looked> {
  const { id, nodes, record } = service;
  const known = await store.get(keys.service(id));
  if (known === null) return { kind: 'free', guards: [{ kind: 'absent', key: keys.service(id) }], writes: [] };
  const remedy = `Clear away what is left of it first: oneup forget ${id} --remove-record`;
  const forgotten = readForgotten(known.value);
  const unfit = forgotten === null ? whyNotAsItWas(known, service) : whyNotAnew(forgotten, id);
  if (unfit !== null) return { kind: 'refused', remedy, ...unfit };
  const { names } = await readOwnedRecords({ store, keys }, { cluster, service: id });
  const other = names.find((name) => name !== record.name);
  if (other !== undefined) {
    const reason = `DNS still answers for ${other}, under which ${id} was released`;
    return { kind: 'refused', rule: 'S7.record-published', reason, remedy };
  }
  const unknown = JSON.stringify({ kind: 'unknown', version: 0, why: 'the service has come back' });
  const { entries: crumbs } = await store.list(keys.breadcrumbs(id));
  const lost = crumbs.find((crumb) => mayRunUnlisted(crumb, service, keys.breadcrumbs(id)));
  if (lost !== undefined) return unlisted(service, lost.key.slice(keys.breadcrumbs(id).length));
  const crumbKeys = nodes.map((node) => keys.breadcrumb(id, node.id));
  const absent = crumbKeys.filter((key) => !crumbs.some((crumb) => crumb.key === key));
  return {
    kind: 'free',
    guards: [
      { kind: 'version', key: known.key, version: known.version },
      ...crumbs.map(({ key, version }): Guard => ({ kind: 'version', key, version })),
      ...absent.map((key): Guard => ({ kind: 'absent', key })),
    ],
    writes: [
      ...(forgotten?.kind === 'record' ? [putRecord(known.key, forgotten.record)] : []),
      ...absent.map((key): StoreWrite => ({ kind: 'put', key, value: unknown })),
    ],
  };
}

/** S7, S19: a node that the file leaves out is asked by nobody, and what may still run there would get a second beside it. */
function mayRunUnlisted(crumb: StoreEntry, { nodes, exclusive }: ServiceConfig, prefix: string): boolean {
  const isListed = nodes.some(({ id }) => crumb.key === `${prefix}${id}`);
  return exclusive && !isListed && readObject(crumb.value)?.kind !== 'down';
}

function unlisted({ id }: ServiceConfig, node: string): Looked {
  const reason = `node ${node} of ${id} may be running since ${id} was released, and the file does not list it`;
  return { kind: 'refused', rule: 'S7.node-may-run', reason, remedy: listItRemedy(id, node) };
}

function listItRemedy(id: string, node: string): string {
  return `List node ${node} too, run oneup adopt ${id}, then remove it; or clear away what is left: oneup forget ${id} --remove-record`;
}

/** Without a remedy: what is left has to be forgotten. */
type Unfit = Omit<Refusal, 'remedy'> & { readonly remedy?: string };

function whyNotAsItWas(known: StoreEntry, { id, mode, nodes, record }: ServiceConfig): Unfit | null {
  const [left, facts] = [readObject(known.value), readFacts(known)];
  if (left === null || facts === null)
    return { rule: 'S7.record-damaged', reason: `the record that ${id} has left behind cannot be read` };
  // S26: the removal of its TXT may land at any time, and no write could follow it.
  if (isDisowning(known.value)) {
    const reason = `${id} is being forgotten, and its ownership TXT taken away at its provider`;
    return { rule: 'S7.record-published', reason, remedy: `Let it come to its end first: oneup forget ${id}` };
  }
  const elsewhere = whyElsewhere(known.value, { id, record });
  if (elsewhere !== null) return elsewhere;
  const wasSet = 'members' in left;
  if (wasSet !== (mode === 'active-active')) {
    const reason = `${id} was ${wasSet ? 'active-active' : 'active-passive'} when it was released`;
    return { rule: 'S7.mode-differs', reason };
  }
  // S28: the next write of DNS would follow the id of the node to an address that nobody has verified.
  const before = new Map<string, unknown>(Object.entries(left.releasedAt ?? {}));
  const dropped = [...before.keys()].find(
    (was) => facts.published.includes(was) && !nodes.some((node) => node.id === was),
  );
  if (dropped !== undefined) {
    return {
      rule: 'S7.node-published',
      reason: `DNS still names node ${dropped} of ${id}, which the file does not list`,
      remedy: listItRemedy(id, dropped),
    };
  }
  const moved = nodes.find((node) => facts.published.includes(node.id) && before.get(node.id) !== node.address);
  if (moved === undefined) return null;
  const was = before.get(moved.id);
  const there = typeof was === 'string' ? `at ${was}` : 'at an address that is not on record';
  return {
    rule: 'S7.node-published',
    reason: `DNS still names node ${moved.id} of ${id} ${there}, and the file has it at ${moved.address}`,
    remedy: `Give node ${moved.id} the address back that it had, or clear away what is left: oneup forget ${id} --remove-record`,
  };
}

/** S26: the next write would be conditional on a TXT that stands elsewhere, and there the old answer would stay for ever. */
function whyElsewhere(known: string, { id, record }: Pick<ServiceConfig, 'id' | 'record'>): Unfit | null {
  if (!mayBePublished(known)) return null;
  const rule = 'S7.record-published';
  const left = readLeftRecord(known);
  if (left === null) {
    const reason = `DNS may still answer for ${id}, and it is not on record under which name`;
    return { rule, reason, remedy: `Clear away what is left of it first: oneup forget ${id}` };
  }
  const moved = (['name', 'zone', 'provider'] as const).find((field) => record[field] !== left[field]);
  if (moved === undefined) return whySecondElsewhere(left, { id, record });
  return {
    rule,
    reason: `DNS may still answer for ${left.name} in zone ${left.zone} of provider ${left.provider}, and the file has record.${moved} of ${id} as ${record[moved]}`,
    remedy: `Write record.${moved} as it was, or clear away what is left first: oneup forget ${id}`,
  };
}

function whySecondElsewhere(
  { second }: LeftRecord,
  { id, record }: Pick<ServiceConfig, 'id' | 'record'>,
): Unfit | null {
  if (second === null || (record.second !== null && placeOf(record.second) === placeOf(second))) return null;
  return {
    rule: 'S7.record-published',
    reason: `the second provider ${second.provider} may still answer for ${record.name}, and the file does not name it as record.second of ${id}`,
    remedy: `Write record.second as it was, or clear away what is left first: oneup forget ${id}`,
  };
}

/** S12: below what nodes have seen it would be refused, or take an old stop for a new one; nobody knows where that is. */
function whyNotAnew(forgotten: Remembered, id: string): Unfit | null {
  if (forgotten.kind === 'record') return null;
  return {
    rule: 'S7.record-damaged',
    reason: `the record of ${id} could not be read when it was forgotten, so nobody knows its highest step`,
    remedy: 'Give the service another id, or begin a new generation with oneup recover',
  };
}

function putRecord(key: string, record: ServiceRecord): StoreWrite {
  return { kind: 'put', key, value: JSON.stringify(record) };
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
