// POST /v1/forget: removes the records of a service that is not in the configuration in force any more: its history, journals,
// breadcrumbs and all, but for the numbers above which it would begin again. What is in force is never forgotten.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import { forgottenText, mayBePublished, readForgotten } from '../controller/read-forgotten-record.ts';
import { readOwnedRecords } from '../controller/read-owned-records.ts';
import type { Guard, StoreEntry, StoreWrite } from '../ports/store.ts';
import type { ApiResponse } from './api-server.ts';
import type { ApiSource } from './api-source.ts';
import { disownRecord, unfinished } from './disown-record.ts';
import { recordInForce } from './record-in-force.ts';

const bodySchema = z.strictObject({
  service: z
    .string()
    .max(63)
    .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'expected the id of a service'),
  /** Also what DNS answers for it. */
  removeRecord: z.boolean().default(false),
  /** A person has removed it at a provider that oneup does not serve itself. */
  recordRemoved: z.boolean().default(false),
});
/** Small enough for every engine, and for a watch to take in at once. */
const DELETES_AT_ONCE = 100;

export type Forgotten = {
  readonly service: string;
  readonly records: number;
  readonly names: readonly string[];
  /** The record at an outside provider that has no ownership TXT any more, and goes on being answered. */
  readonly disowned?: { readonly name: string; readonly provider: string };
};

/** Safe to repeat: what an earlier call has left is removed by the next. */
export async function forgetService(source: ApiSource, body: unknown): Promise<ApiResponse> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error)}`);
  const { service } = parsed.data;
  const { store, uniqueId } = source;
  const inForce = await recordInForce(source);
  if (!inForce.ok) {
    const { rule, reason, remedy } = inForce.error;
    throw new OneupError('ONEUP_REFUSED', `Cannot forget ${service}: ${rule}: ${reason}`, { remedy });
  }
  const { config, guard } = inForce.value;
  if (config.services.some(({ id }) => id === service)) {
    throw new OneupError(
      'ONEUP_REFUSED',
      `Cannot forget ${service}: S7.in-force: it is in the configuration in force`,
      {
        remedy: `Take it out of the file first, then run oneup reload --release ${service}`,
      },
    );
  }
  const cluster = config.cluster.name;
  const disowned = parsed.data.recordRemoved ? null : await disownRecord(source, { cluster, service, config, guard });
  const recordRemoved = parsed.data.recordRemoved || disowned !== null;
  const { names, isNew } = await layToRest(source, { ...parsed.data, recordRemoved, cluster, guard });
  const found = await recordsOf(source, service);
  for (let at = 0; at < found.length; at += DELETES_AT_ONCE) {
    const writes = found.slice(at, at + DELETES_AT_ONCE).map((key): StoreWrite => ({ kind: 'delete', key }));
    const result = await store.commit({ guards: [guard], writes, token: uniqueId() });
    if (result.kind !== 'committed') return unfinished(service, result.kind);
  }
  const records = found.length + (isNew ? 1 : 0);
  const left = disowned === null ? {} : { disowned };
  return { status: 200, body: { service, records, names, ...left } satisfies Forgotten };
}

type Asked = z.infer<typeof bodySchema> & { readonly cluster: string; readonly guard: Guard };

/**
 * The first commit: the record gives way to its numbers (S12), and its name leaves the zone in the same moment, so that a repeat
 * finds neither or both. Never by accident: a name that is answered goes by an explicit word only (S28).
 */
async function layToRest(source: ApiSource, asked: Asked): Promise<{ names: readonly string[]; isNew: boolean }> {
  const { service, guard } = asked;
  const { store, keys, uniqueId } = source;
  const record = await store.get(keys.service(service));
  const isNew = record !== null && readForgotten(record.value) === null;
  const { names, guards, removal } = await readOwnedRecords(source, asked);
  refusePublished(asked, { names, record: isNew ? record : null });
  if (names.length === 0 && !isNew) return { names, isNew };
  const rest: readonly StoreWrite[] = isNew
    ? [{ kind: 'put', key: record.key, value: forgottenText(record.value) }]
    : [];
  const asItWas: readonly Guard[] = isNew ? [{ kind: 'version', key: record.key, version: record.version }] : [];
  const request = { guards: [guard, ...asItWas, ...guards], writes: [...rest, ...removal], token: uniqueId() };
  const result = await store.commit(request);
  return result.kind === 'committed' ? { names, isNew } : unfinished(service, result.kind);
}

function refusePublished(
  { service, removeRecord, recordRemoved }: Asked,
  { names, record }: { readonly names: readonly string[]; readonly record: StoreEntry | null },
): void {
  const what = `Cannot forget ${service}: S7.record-published:`;
  if (names.length > 0 && !removeRecord) {
    throw new OneupError('ONEUP_REFUSED', `${what} DNS still answers for ${names.join(', ')}`, {
      remedy: `Leave it as it is, and it goes on being answered; or take it out: oneup forget ${service} --remove-record`,
    });
  }
  // S26: no zone of ours has what was written, so a provider outside has it, whom nobody asks once the service is forgotten.
  if (names.length === 0 && !recordRemoved && record !== null && mayBePublished(record.value)) {
    throw new OneupError('ONEUP_REFUSED', `${what} its DNS provider may still answer for it`, {
      remedy: `Remove its addresses and its _oneup TXT at that provider, then run oneup forget ${service} --record-removed`,
    });
  }
}

async function recordsOf({ keys, store }: ApiSource, service: string): Promise<readonly string[]> {
  const single = [keys.grant(service), keys.operation(service), keys.tail(service)];
  const kinds = ['breadcrumb', 'lease', 'agent', 'goal', 'request', 'journal', 'history'];
  const lists = await Promise.all(kinds.map((kind) => store.list(`${keys.root}${kind}/${service}/`)));
  const present = await Promise.all(single.map((key) => store.get(key)));
  return [...present, ...lists.flatMap(({ entries }) => entries)].flatMap((entry) =>
    entry === null ? [] : [entry.key],
  );
}
