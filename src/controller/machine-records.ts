// Which records of the store make up one service, and how they become the machine's state and back. What cannot be read is a
// named fault: a controller that guesses at a record would guess at safety.
import { z } from 'zod';
import type { NodeId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import { OPERATION_KINDS, type Operation, type Phase } from '../failover/operation.ts';
import { PHASES } from '../failover/phase-table.ts';
import type { ServiceRules } from '../failover/service-rules.ts';
import {
  type Breadcrumb,
  EMPTY_LOCAL_STATE,
  EMPTY_SERVICE_RECORD,
  type Grant,
  type MachineState,
  type ServiceRecord,
} from '../failover/service-state.ts';
import type { StoreEntry } from '../ports/store.ts';

const count = z.int().min(0);
const breadcrumbSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('down'), version: count, how: z.string(), wallMs: z.number(), revision: count }),
  z.object({ kind: z.literal('maybe'), version: count, epoch: count, wasDown: z.boolean().optional() }),
  z.object({ kind: z.literal('unknown'), version: count, why: z.string() }),
]);
const grantSchema = z.object({ node: z.string(), epoch: count, revoked: z.boolean() });
const dnsIntentSchema = z.object({
  node: z.string().nullable(),
  level: z.enum(['steady', 'suspect', 'settling']),
  epoch: count,
  seq: count,
  answers: z
    .array(z.object({ node: z.string(), weight: z.int().min(1) }))
    .min(1)
    .exactOptional(),
});
const refusalSchema = z.object({ rule: z.string(), reason: z.string(), remedy: z.string() });
const dnsRecordSchema = z.object({
  confirmed: dnsIntentSchema.nullable(),
  pending: dnsIntentSchema.nullable(),
  unconfirmed: z.array(dnsIntentSchema),
  seq: count,
  takesOver: z.string().exactOptional(),
  wasPublished: z.literal(true).exactOptional(),
  mends: z
    .object({
      shown: z.string(),
      opId: z.string(),
      actor: z.string(),
      reason: z.string(),
      startedWallMs: z.number(),
    })
    .exactOptional(),
  changeId: z.string().exactOptional(),
});
const modeSchema = z.object({ reason: z.string(), actor: z.string(), sinceWallMs: z.number() });
const maintenanceSchema = modeSchema.extend({ expiresAfterMs: z.number(), agedMs: count.exactOptional() });
const agedSchema = z.object({ opId: z.string(), agedMs: count });
const memberSchema = z.object({
  verified: z.string().nullable(),
  isIn: z.boolean(),
  owesResync: z.boolean(),
  problem: z.string().nullable(),
  stage: z.int().min(1),
  drained: modeSchema.nullable(),
});
const propagationSchema = z.object({
  atWallMs: z.number(),
  provider: z.enum(['insync', 'pending', 'unknown']).nullable(),
  servers: count,
  serversNew: count,
  resolvers: count,
  resolversNew: count,
  slowestMs: z.number().nullable(),
});
const serviceSchema = z.object({
  epoch: count,
  step: count,
  crumbVersion: count,
  active: z.string().nullable(),
  dns: dnsRecordSchema,
  seconds: z
    .record(z.string(), z.object({ dns: dnsRecordSchema, dnsProblem: refusalSchema.nullable() }))
    .exactOptional(),
  failed: z.record(
    z.string(),
    z.object({
      opId: z.string(),
      why: z.string(),
      stage: z.enum(['failed', 'repairing', 'resyncing']),
      rootCause: z.string().nullable(),
      actor: z.string().nullable(),
    }),
  ),
  cooldown: agedSchema.nullable(),
  automaticOps: z.array(agedSchema),
  settling: z.boolean(),
  maintenance: maintenanceSchema.nullable(),
  nodeMaintenance: z.record(z.string(), maintenanceSchema),
  statuses: z
    .record(
      z.string(),
      z.object({
        role: z.enum(['active', 'standby', 'stopped', 'starting']).nullable(),
        reason: z.string(),
        crumbVersion: count,
        times: count,
        sinceWallMs: z.number(),
        isActedOn: z.boolean(),
        unanswered: count,
        fault: z.string().nullable(),
      }),
    )
    .default({}),
  lastOpId: z.string().nullable(),
  refusal: refusalSchema.nullable(),
  dnsProblem: refusalSchema.nullable(),
  laggards: z.array(z.string()),
  propagation: propagationSchema.exactOptional(),
  restarts: z.array(agedSchema),
  failures: z.record(z.string(), z.array(agedSchema)),
  frozen: modeSchema.nullable(),
  closedGates: z.record(z.string(), modeSchema),
  scheduled: z
    .object({
      from: z.string().nullable(),
      to: z.string().nullable(),
      atWallMs: z.number(),
      reason: z.string(),
      actor: z.string(),
    })
    .nullable(),
  failbackWindow: z.object({ untilWallMs: z.number(), openForMs: z.number() }).nullable().default(null),
  drill: z
    .object({ from: z.string(), to: z.string(), holdMs: count, actor: z.string(), reason: z.string() })
    .nullable(),
  early: z.object({ target: z.string(), before: z.string().nullable() }).nullable(),
  members: z.record(z.string(), memberSchema).exactOptional(),
  awaitsOperator: z.boolean(),
  alerts: z.array(
    z.object({
      id: z.string(),
      level: z.enum(['warning', 'critical']),
      refusal: refusalSchema,
      sinceWallMs: z.number(),
      count,
      ackedBy: z.string().nullable(),
    }),
  ),
});
/** The parts of an operation that decide; the rest is for people and comes along as it is. */
const operationSchema = z.looseObject({
  opId: z.string(),
  kind: z.enum(OPERATION_KINDS),
  from: z.string().nullable(),
  to: z.string().nullable(),
  phase: z.enum(Object.keys(PHASES) as [Phase, ...Phase[]]),
  rules: z.looseObject({ id: z.string(), exclusive: z.boolean(), nodes: z.array(z.looseObject({ id: z.string() })) }),
  intent: z.looseObject({ intent: z.looseObject({ kind: z.string(), step: count }), seq: count }).nullable(),
  journalSeq: count,
  clear: z.array(z.string()),
  fenced: z.array(z.string()),
  fenceLevel: count,
  fenceRound: count,
  // Operations that were begun by an older version have none.
  onlyLevel: count.nullable().default(null),
  tried: z.array(z.string()),
  pastReturn: z.boolean(),
  startIntended: z.boolean(),
  startAttempts: count,
  stopsFirst: z.boolean(),
  rollback: z.boolean(),
  overrides: z.array(z.string()),
  waitsForTtl: z.boolean(),
  drained: z.boolean(),
  order: z.looseObject({ kind: z.enum(['abort', 'rollback']) }).nullable(),
  continuedAtAgeMs: z.number(),
  findings: z.array(z.looseObject({ ok: z.boolean() })),
  epoch: count.nullable(),
  blocked: refusalSchema.nullable(),
  phases: z.array(z.looseObject({ phase: z.string() })),
});

/** Nobody can say from half of the records what runs where, so there is no command that mends one of them. */
export const DAMAGE_REMEDY = 'Restore the store from a backup, then run oneup recover; other services go on meanwhile';

export type RecordKeys = {
  readonly service: string;
  readonly grant: string;
  readonly op: string;
  readonly tail: string;
  readonly breadcrumbs: ReadonlyMap<NodeId, string>;
};

export function recordKeys(keys: StoreKeys, rules: ServiceRules): RecordKeys {
  return {
    service: keys.service(rules.id),
    grant: keys.grant(rules.id),
    op: keys.operation(rules.id),
    tail: keys.tail(rules.id),
    breadcrumbs: new Map(rules.nodes.map((node) => [node.id, keys.breadcrumb(rules.id, node.id)])),
  };
}

export function allKeys(keys: RecordKeys): readonly string[] {
  return [keys.service, keys.grant, keys.op, keys.tail, ...keys.breadcrumbs.values()];
}

/** Throws ONEUP_STORE_CORRUPT naming the record that cannot be read. */
export function decodeMachine(
  keys: RecordKeys,
  rules: ServiceRules,
  entries: ReadonlyMap<string, StoreEntry>,
): MachineState {
  const service = decode(serviceSchema, keys.service, entries) as ServiceRecord | null;
  const grant = decode(grantSchema, keys.grant, entries) as Grant | null;
  const crumbs = [...keys.breadcrumbs].map(([node, key]) => {
    const crumb = decode(breadcrumbSchema, key, entries) as Breadcrumb | null;
    const isHolder = service?.active === node || (grant?.node === node && !grant.revoked);
    return [node, crumb ?? (isHolder ? NO_RECORD : absentBreadcrumb(rules, service))] as const;
  });
  return {
    rules,
    service: service ?? EMPTY_SERVICE_RECORD,
    breadcrumbs: Object.fromEntries(crumbs),
    grant,
    op: decode(operationSchema, keys.op, entries) as unknown as Operation | null,
    tail: decode(operationSchema, keys.tail, entries) as unknown as Operation | null,
    local: EMPTY_LOCAL_STATE,
  };
}

/** For those who only look: what can be read, and the keys of what cannot. A controller never goes by half of the records. */
export function decodeReadable(
  keys: RecordKeys,
  rules: ServiceRules,
  entries: ReadonlyMap<string, StoreEntry>,
): { readonly state: MachineState; readonly damaged: readonly string[] } {
  const damaged = [...entries].filter(([key, entry]) => !isReadable(keys, rules, [key, entry])).map(([key]) => key);
  const readable = [...entries].filter(([key]) => !damaged.includes(key));
  return { state: decodeMachine(keys, rules, new Map(readable)), damaged };
}

function isReadable(keys: RecordKeys, rules: ServiceRules, entry: readonly [string, StoreEntry]): boolean {
  try {
    decodeMachine(keys, rules, new Map([entry]));
    return true;
  } catch (error) {
    if (error instanceof OneupError && error.code === 'ONEUP_STORE_CORRUPT') return false;
    throw error;
  }
}

/** Whoever is active or holds the grant has been started, and does not join. */
const NO_RECORD: Breadcrumb = { kind: 'unknown', version: 0, why: 'no record' };

/** An absent breadcrumb means unknown (S11), and in a service that has been granted before a node that joins (S7). */
function absentBreadcrumb(rules: ServiceRules, service: ServiceRecord | null): Breadcrumb {
  if (rules.exclusive && (service?.epoch ?? 0) > 0) return { kind: 'joining', version: 0 };
  return NO_RECORD;
}

function decode<T>(schema: z.ZodType<T>, key: string, entries: ReadonlyMap<string, StoreEntry>): T | null {
  const entry = entries.get(key);
  if (entry === undefined) return null;
  try {
    return schema.parse(JSON.parse(entry.value));
  } catch (error) {
    throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read record ${key}: it does not have the expected shape`, {
      cause: error,
      remedy: DAMAGE_REMEDY,
    });
  }
}

/** Key to text for every record that exists in this state. */
export function encodeMachine(keys: RecordKeys, state: MachineState): ReadonlyMap<string, string> {
  const records = new Map<string, string>([[keys.service, JSON.stringify(state.service)]]);
  if (state.grant !== null) records.set(keys.grant, JSON.stringify(state.grant));
  if (state.op !== null) records.set(keys.op, JSON.stringify(state.op));
  if (state.tail !== null) records.set(keys.tail, JSON.stringify(state.tail));
  for (const [node, key] of keys.breadcrumbs) {
    const crumb = state.breadcrumbs[node];
    if (crumb !== undefined && crumb.version > 0) records.set(key, JSON.stringify(crumb));
  }
  return records;
}
