// Whether one service lets another configuration come into force at this moment (S7): nothing of it is under way, and no node of
// it that may run is dropped or moved.
import type { ApiSource } from '../api/api-source.ts';
import type { ServiceId } from '../base/ids.ts';
import type { Config, NodeConfig, RecordConfig, ServiceConfig } from '../config/config.ts';
import { placeOf } from '../config/second-provider.ts';
import type { DnsRecord } from '../failover/dns-record.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { Refusal, RuleId } from '../failover/refusal.ts';
import type { ServiceRecord } from '../failover/service-state.ts';
import type { Guard, StoreEntry, StoreWrite } from '../ports/store.ts';
import { releaseService, withPlace } from './release-service.ts';

export type Looked =
  /** The writes forget what was known of nodes that go: whatever comes back under their name is new, and joins. */
  | { readonly kind: 'free'; readonly guards: readonly Guard[]; readonly writes: readonly StoreWrite[] }
  | ({ readonly kind: 'refused' } & Refusal);

type Records = Pick<ApiSource, 'store' | 'keys'>;
type Gone = { readonly node: NodeConfig; readonly how: 'removed' | 'moved to another address' };

/** Guards hold every record that this was judged from until the commit of the new configuration. */
export async function lookAtService(
  records: Records,
  service: ServiceConfig,
  { next, release }: { readonly next: Config; readonly release: readonly ServiceId[] },
): Promise<Looked> {
  const { store, keys } = records;
  const op = keys.operation(service.id);
  if ((await store.get(op)) !== null) {
    const reason = `an operation of ${service.id} is running and keeps its configuration to its end`;
    return refuse('S7.operation-running', reason, `Wait for it; see oneup why ${service.id}`);
  }
  const guards: Guard[] = [{ kind: 'absent', key: op }];
  const successor = next.services.find(({ id }) => id === service.id) ?? null;
  const changesMode = successor !== null && successor.mode !== service.mode;
  const gone = goneNodes(service, successor);
  const renamed = successor === null ? null : changeOfRecord(service.record, successor.record);
  const becomesExclusive = !service.exclusive && successor?.exclusive === true;
  const leaves = successor === null ? null : secondThatLeaves(service, successor);
  if (gone.length === 0 && renamed === null && !becomesExclusive && !changesMode && leaves === null)
    return { kind: 'free', guards, writes: [] };
  const [record, tail] = [await store.get(keys.service(service.id)), await store.get(keys.tail(service.id))];
  const facts = readFacts(record, secondPlaces(service));
  if (facts === null) return damaged(service);
  guards.push(asSeen(keys.service(service.id), record), asSeen(keys.tail(service.id), tail));
  if (tail !== null) {
    const reason = `the DNS part of an operation of ${service.id} is not finished and keeps its configuration to its end`;
    return refuse('S7.operation-running', reason, `Wait for it; see oneup why ${service.id}`);
  }
  if (successor === null && release.includes(service.id) && record !== null) {
    const released = await releaseService(records, service, readObject(record.value) ?? {});
    return { kind: 'free', guards: [...guards, ...released.guards], writes: released.writes };
  }
  if (changesMode && record !== null) {
    const reason = `${service.id} is ${service.mode} and cannot become ${successor.mode}`;
    const remedy = `Remove it, run oneup forget ${service.id} --remove-record, and add it again`;
    return refuse('S7.mode-differs', reason, remedy);
  }
  if (renamed !== null && facts.published.length > 0) {
    const reason = `record.${renamed} of ${service.id} cannot be changed: DNS names ${service.record.name} by it`;
    const remedy = 'Keep it, and let the new name be a CNAME to it, for example in dns.zones.records';
    return refuse('S7.record-published', reason, remedy);
  }
  if (leaves !== null && !release.includes(service.id) && readFacts(record, [leaves])?.isAtSecond === true) {
    const { provider } = service.record.second ?? {};
    const reason = `record.second of ${service.id} cannot be taken away: provider ${provider} may still answer for ${service.record.name}`;
    const remedy = `Take its name servers out of the delegation, wait until those NS records have expired, then run oneup reload --release ${service.id}`;
    return refuse('S7.record-published', reason, remedy);
  }
  if (becomesExclusive && !facts.inMaintenance) {
    const reason = `${service.id} ran in several places and nothing is known of them, so it cannot become exclusive as it is`;
    return refuse('S7.becomes-exclusive', reason, `Put it in maintenance first: oneup maintenance on ${service.id}`);
  }
  const looked = await lookAtGone(records, { service, gone, facts, guards });
  if (successor !== null) return looked;
  if (looked.kind === 'free') {
    if (record === null) return looked;
    // `sorry` may still be answered.
    const left = withPlace(readObject(record.value) ?? {}, service.record);
    return { ...looked, writes: [...looked.writes, { kind: 'put', key: record.key, value: JSON.stringify(left) }] };
  }
  // All of it goes: what would let a single node go is no help.
  const remedy = `To let the whole service go, with its record as it is: oneup reload --release ${service.id}`;
  return { ...looked, remedy };
}

/** Whatever was judged from this record stands only as long as it does. */
function asSeen(key: string, entry: StoreEntry | null): Guard {
  return entry === null ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version };
}

/** What of the managed name changes: every write of it is conditional on the one before, which stands under the old one (S26). */
function changeOfRecord(record: RecordConfig, next: RecordConfig): 'name' | 'provider' | 'zone' | null {
  return (['name', 'provider', 'zone'] as const).find((field) => record[field] !== next[field]) ?? null;
}

/** Its place on record, where the configuration that comes does not follow it there any more. */
export function secondThatLeaves({ record }: ServiceConfig, { record: next }: ServiceConfig): string | null {
  if (record.second === null) return null;
  const stays = next.second !== null && placeOf(next.second) === placeOf(record.second);
  return stays ? null : placeOf(record.second);
}

function secondPlaces({ record }: ServiceConfig): readonly string[] {
  return record.second === null ? [] : [placeOf(record.second)];
}

async function lookAtGone(
  { store, keys }: Records,
  { service, gone, facts, guards }: { service: ServiceConfig; gone: readonly Gone[]; facts: Facts; guards: Guard[] },
): Promise<Looked> {
  const writes: StoreWrite[] = [];
  for (const { node, how } of gone) {
    const entry = await store.get(keys.breadcrumb(service.id, node.id));
    const isActive = facts.active === node.id;
    const kind = crumbKind(entry);
    // S21: what may run twice needs no proof. To drop the node that serves would be an outage all the same.
    if (isActive || (service.exclusive && kind !== 'down')) {
      const seen = isActive ? 'is active' : `may be running (its record is ${kind})`;
      const reason = `node ${node.id} of ${service.id} ${seen} and cannot be ${how}`;
      const remedy = `Move the service away, or run oneup confirm-down ${service.id} --node ${node.id} --reason "..."`;
      return refuse('S7.node-may-run', reason, remedy);
    }
    if (facts.published.includes(node.id)) {
      const reason = `DNS still names node ${node.id} of ${service.id}, which cannot be ${how}`;
      const remedy =
        service.mode === 'active-active'
          ? `Take it out first: oneup drain ${service.id} --node ${node.id}`
          : `Make another node active first: oneup switchover ${service.id}`;
      return refuse('S7.node-published', reason, remedy);
    }
    if (entry === null) continue;
    guards.push({ kind: 'version', key: entry.key, version: entry.version });
    writes.push({ kind: 'delete', key: entry.key });
  }
  return { kind: 'free', guards, writes };
}

/** A node with another address is another machine under an old name: removing and adding at once. */
function goneNodes(service: ServiceConfig, successor: ServiceConfig | null): readonly Gone[] {
  return service.nodes.flatMap((node): readonly Gone[] => {
    const found = successor?.nodes.find(({ id }) => id === node.id);
    if (found === undefined) return [{ node, how: 'removed' }];
    return found.address === node.address ? [] : [{ node, how: 'moved to another address' }];
  });
}

type Facts = {
  readonly active: string | null;
  /** Nodes that DNS names, or may name by a write whose outcome is not known yet; `sorry` counts as one (S26). */
  readonly published: readonly string[];
  readonly inMaintenance: boolean;
  /** A second provider that was looked at may hold an answer. */
  readonly isAtSecond: boolean;
};

/** Null for a record that cannot be read. `seconds`: places whose second records count [all]. */
export function readFacts(entry: StoreEntry | null, seconds?: readonly string[]): Facts | null {
  const record = readObject(entry?.value ?? '{}');
  if (record === null) return null;
  const { active, dns, maintenance, ...rest } = record as Written;
  const counted = Object.entries(rest.seconds ?? {}).filter(([place]) => seconds?.includes(place) ?? true);
  const atSecond = counted.flatMap(([, second]) => publishedBy(second?.dns));
  const published = [...publishedBy(dns), ...atSecond];
  return { active: active ?? null, published, inMaintenance: maintenance != null, isAtSecond: atSecond.length > 0 };
}

type WrittenDns = Partial<DnsRecord> | undefined;
type Written = Partial<Omit<ServiceRecord, 'dns' | 'seconds'>> & {
  readonly dns?: WrittenDns;
  readonly seconds?: Readonly<Record<string, { readonly dns?: WrittenDns } | null>>;
};

function publishedBy(dns: WrittenDns): readonly string[] {
  const writes = [dns?.confirmed, dns?.pending, ...(dns?.unconfirmed ?? [])];
  const named = writes.flatMap((write) => (write == null ? [] : namedBy(write)));
  return dns?.wasPublished === true ? [...named, OF_ANOTHER_GENERATION] : named;
}

/** S4: after `recover` nobody knows whom the answer names that may stand there. No id of a node has a space. */
const OF_ANOTHER_GENERATION = 'of another generation';

function namedBy({ node, answers }: DnsIntent): readonly string[] {
  return answers?.map((answer) => answer.node) ?? [node ?? 'sorry'];
}

/** One that cannot be read proves nothing. */
function crumbKind(entry: StoreEntry | null): string {
  const { kind } = readObject(entry?.value ?? '{}') ?? {};
  return typeof kind === 'string' ? kind : 'unknown';
}

function readObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function damaged({ id }: ServiceConfig): Looked {
  const reason = `the record of service ${id} cannot be read, so nobody can say what a change of its nodes would leave behind`;
  return refuse('S7.record-damaged', reason, 'Leave this service as it is; other services can be changed');
}

export function refuse(rule: RuleId, reason: string, remedy: string): Looked {
  return { kind: 'refused', rule, reason, remedy };
}
