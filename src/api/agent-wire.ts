// What agents may send, and the records that are made of it. Everything is bounded and unknown keys are refused.
import { z } from 'zod';
import { OneupError } from '../base/oneup-error.ts';
import type { AgentJob, AgentOrder, AgentReport, Renewal } from '../ports/agent-link.ts';

const NAME_MAX = 63;
const RUN_MAX = 100;
const REASON_MAX = 4_096;
/** Evidence holds 4 KiB of output; counted in characters it is never more. */
const OUTPUT_MAX = 8_192;
const ENTRIES_MAX = 128;
/** A prober's id, and that of its process. */
const PEER_MAX = 200;
const PEERS_MAX = 64;
/** Agents tell no more of one service, and cut what is longer. */
const JOBS_TOLD_MAX = 32;
const JOB_TEXT_MAX = 200;

const name = z.string().min(1).max(NAME_MAX);
const count = z.int().min(0);
const enforced = z.enum(['watchdog', 'keeper', 'none']);
const agentRun = z.string().min(1).max(RUN_MAX);
const place = {
  cluster: z.string().max(NAME_MAX),
  generation: z.strictObject({ number: count, id: z.string().max(RUN_MAX) }).nullable(),
};

const resultSchema = z.strictObject({
  kind: z.enum(['done', 'failed', 'timeout', 'killed', 'refused']),
  reason: z.string().max(REASON_MAX),
  evidence: z.strictObject({
    exitCode: z.int().nullable(),
    signal: z.string().max(NAME_MAX).nullable(),
    output: z.string().max(OUTPUT_MAX),
    durationMs: z.number(),
  }),
  repeated: z.boolean(),
});

const jobText = z.string().max(JOB_TEXT_MAX);
const jobSchema = z.strictObject({
  ...{ id: name, schedule: jobText, timeZone: jobText, epoch: count.nullable(), nextWallMs: z.number().nullable() },
  running: z.strictObject({ startedWallMs: z.number() }).nullable(),
  lastRun: z
    .strictObject({
      ...{ startedWallMs: z.number(), endedWallMs: z.number() },
      ...{ kind: z.string().max(NAME_MAX), code: z.int().nullable(), reason: jobText },
    })
    .nullable(),
  lastSkip: z.strictObject({ dueWallMs: z.number(), reason: jobText }).nullable(),
  missed: z.strictObject({ count, latestWallMs: z.array(z.number()).max(1), outcome: jobText }).nullable(),
}) satisfies z.ZodType<AgentJob>;

/** `after` -1: below every revision; `seen` -1: no version is known. */
export const goalsRequest = z.strictObject({ ...place, after: z.int().min(-1) });

export const renewRequest = z.strictObject({
  ...place,
  renewal: z.strictObject({
    service: name,
    node: name,
    epoch: count,
    agentRun,
    bootId: z.string().min(1).max(RUN_MAX),
    sentBootMs: z.number().min(0),
    periodMs: count,
    stopTimeoutMs: count,
    marginMs: count,
    armed: z.boolean(),
    enforced,
    asked: z.array(z.string().min(1).max(PEER_MAX)).max(PEERS_MAX),
    seen: z.int().min(-1).nullable(),
  }) satisfies z.ZodType<Renewal>,
});

export const reportRequest = z.strictObject({
  ...place,
  report: z.strictObject({
    service: name,
    node: name,
    agentRun,
    generation: count,
    epoch: count,
    step: count,
    role: z.enum(['active', 'standby', 'stopped', 'starting', 'unknown']),
    running: z.boolean().nullable(),
    lastResult: resultSchema.nullable(),
    exited: z.string().max(REASON_MAX).nullable(),
    enforced,
    jobs: z.strictObject({ listed: z.array(jobSchema).max(JOBS_TOLD_MAX), unlisted: count }).exactOptional(),
    unfit: z.strictObject({ reason: z.string().max(REASON_MAX), remedy: z.string().max(REASON_MAX) }).exactOptional(),
  }) satisfies z.ZodType<AgentReport>,
});

/** Throws ONEUP_USAGE with what is wrong. */
export function read<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new OneupError('ONEUP_USAGE', `Cannot read request: ${z.prettifyError(parsed.error).slice(0, REASON_MAX)}`, {
    remedy: 'Run agents and probers of the same release',
  });
}

const text = z.string();
const orderSchema = z.object({
  action: z.enum(['sync', 'resync', 'drain', 'undrain', 'stop', 'start', 'adopt']),
  context: z.object({
    cluster: text,
    service: text,
    node: text,
    generation: count,
    epoch: count,
    step: count,
    opId: text,
    from: text.nullable(),
    to: text.nullable(),
  }),
  timeoutMs: count,
  env: z.record(text, text).refine((env) => Object.keys(env).length <= ENTRIES_MAX),
}) satisfies z.ZodType<AgentOrder>;

/** `goal/<service>/<node>`. Throws ONEUP_STORE_CORRUPT: a node that is told half an order would do half of it. */
export function parseOrder(key: string, value: string): AgentOrder {
  return parseRecord(orderSchema, key, value);
}

const grantSchema = z.object({ node: z.string(), epoch: count, revoked: z.boolean() });

/** `grant/<service>`. Throws ONEUP_STORE_CORRUPT. */
export function parseGrant(key: string, value: string): z.output<typeof grantSchema> {
  return parseRecord(grantSchema, key, value);
}

const orderOfRenewals = z.object({ bootId: text, sentBootMs: z.number() });

/** When the renewal in `lease/<service>/<node>` was sent; null for a record that says nothing of it, which any may replace. */
export function parseRenewed(value: string): z.output<typeof orderOfRenewals> | null {
  const parsed = orderOfRenewals.safeParse(parseJson(value));
  return parsed.success ? parsed.data : null;
}

const sentSchema = z.object({ agentRun: text, generation: count, epoch: count, step: count });

/** How far a report went that is in the store; null for one that cannot be read, which any other may replace. */
export function parseSent(value: string): z.output<typeof sentSchema> | null {
  const parsed = sentSchema.safeParse(parseJson(value));
  return parsed.success ? parsed.data : null;
}

function parseRecord<Schema extends z.ZodType>(schema: Schema, key: string, value: string): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(value));
  if (parsed.success) return parsed.data;
  throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot answer the agent: the record ${key} is damaged`);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    // The schema refuses it.
    return null;
  }
}
