// What operators asked for through any prober: records under request/<service>/, each answered once by whoever leads.
import { z } from 'zod';
import type { ServiceId } from '../base/ids.ts';
import type { MachineEvent } from '../failover/machine-event.ts';
import { OVERRIDABLE } from '../failover/overrides.ts';
import type { RuleId } from '../failover/refusal.ts';
import type { StoreWrite } from '../ports/store.ts';
import type { ControllerDeps } from './controller-deps.ts';

const text = z.string().max(1_000);
const node = z.string().max(64);
/** Longest time that a live drill stays away. */
const HOLD_MAX_MS = 86_400_000;
const shown = z.string().regex(/^[0-9a-f]{12}$/);
const machineCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('switchover'),
    from: node.nullable(),
    to: node.nullable(),
    waitsForTtl: z.boolean().default(true),
    reason: text,
  }),
  z.strictObject({
    kind: z.literal('failover'),
    to: node,
    overrides: z.array(z.enum(OVERRIDABLE as [RuleId, ...RuleId[]])).max(OVERRIDABLE.length),
    reason: text,
  }),
  z.strictObject({
    kind: z.literal('schedule'),
    from: node.nullable(),
    to: node.nullable(),
    atWallMs: z.int().min(0),
    reason: text,
  }),
  z.strictObject({ kind: z.literal('unschedule'), reason: text }),
  z.strictObject({
    kind: z.literal('drill'),
    live: z.boolean(),
    to: node.nullable(),
    holdMs: z.int().min(0).max(HOLD_MAX_MS),
    reason: text,
  }),
  z.strictObject({ kind: z.enum(['abort', 'rollback', 'continue']), opId: z.string().max(64), reason: text }),
  z.strictObject({ kind: z.literal('freeze'), on: z.boolean(), reason: text }),
  z.strictObject({ kind: z.literal('gate'), gate: z.string().max(64), open: z.boolean(), reason: text }),
  z.strictObject({ kind: z.literal('ack'), reason: text }),
  z.strictObject({ kind: z.literal('clearFailures'), node: node.nullable(), reason: text }),
  z.strictObject({
    kind: z.literal('repair'),
    node,
    rootCause: z.string().max(4_000).nullable(),
    reason: text,
  }),
  z.strictObject({ kind: z.enum(['drain', 'undrain']), node, reason: text }),
  z.strictObject({ kind: z.literal('failback'), reason: text }),
  z.strictObject({ kind: z.literal('adopt'), node, reason: text }),
  z.strictObject({ kind: z.literal('adoptRecord'), shown, reason: text }),
  z.strictObject({ kind: z.literal('repairRecord'), shown, reason: text, isSecond: z.boolean().optional() }),
  z.strictObject({ kind: z.literal('rejoin'), node, reason: text }),
  z.strictObject({ kind: z.literal('fenceTest'), node, level: z.int().min(0).max(63).nullable(), reason: text }),
  z.strictObject({ kind: z.literal('confirmDown'), node, reason: text, version: z.int().min(0) }),
  z.strictObject({
    kind: z.literal('maintenance'),
    on: z.boolean(),
    node: node.nullable(),
    reason: text,
    expiresAfterMs: z.number().min(0),
  }),
]);
export const requestSchema = z.strictObject({ actor: z.string().max(200), command: machineCommandSchema });

export type OperatorRequest = z.infer<typeof requestSchema>;

type RequestEvent = Extract<MachineEvent, { kind: 'request' }>;

/** Requests that wait for an answer, oldest first. A record that cannot be read is left to vanish with its session. */
export function readRequests({ view, keys, logger }: ControllerDeps, service: ServiceId): readonly RequestEvent[] {
  const prefix = `${keys.requests}${service}/`;
  const entries = [...view.list(prefix)].sort((a, b) => a.version - b.version);
  return entries.flatMap((entry): readonly RequestEvent[] => {
    try {
      const { actor, command } = requestSchema.parse(JSON.parse(entry.value));
      return [{ kind: 'request', id: entry.key.slice(prefix.length), version: entry.version, actor, command }];
    } catch (error) {
      logger.warn({ err: error, key: entry.key }, 'a request cannot be read');
      return [];
    }
  });
}

/** A reply is read within seconds; a client that repeats its request meanwhile is told the same. */
const REPLIES_KEPT = 200;
/** At once, so that no commit grows large. */
const DROPPED_MAX = 10;

/** What makes room for the next replies, oldest first. */
export function dropOldReplies({ view, keys }: Pick<ControllerDeps, 'view' | 'keys'>): readonly StoreWrite[] {
  const entries = [...view.list(keys.replies)].sort((a, b) => a.version - b.version);
  const count = Math.min(DROPPED_MAX, Math.max(0, entries.length - REPLIES_KEPT));
  return entries.slice(0, count).map(({ key }) => ({ kind: 'delete', key }));
}
