// The shape of a plan snapshot: rules, votes and what the outage is estimated from. A file travels through people's hands, so
// nothing in it is believed before it has been looked at.
import { z } from 'zod';

const id = z.string().min(1).max(64);
const text = z.string().max(4_000);
const ms = z.number().min(0);
const count = z.int().min(0);
const limit = ms.nullable();
/** More nodes than any service has. */
const NODES_MAX = 1_000;

const nodeRulesSchema = z.strictObject({
  id,
  address: text,
  priority: z.int(),
  vantage: text.nullable(),
  actions: z.strictObject({
    start: limit,
    stop: limit,
    status: limit,
    precheck: limit,
    sync: limit,
    resync: limit,
    drain: limit,
    undrain: limit,
  }),
  leaseProof: z.boolean(),
  fenceLevels: count,
  intervalMs: ms,
  timeoutMs: ms,
  recheckMs: ms,
});

const ttlSchema = z.strictObject({ steadyMs: ms, suspectMs: ms, followsSuspicion: z.boolean().default(true) });

export const serviceRulesSchema = z.strictObject({
  id,
  exclusive: z.boolean(),
  warmStandby: z.boolean().default(false),
  automatic: z.boolean(),
  nodes: z.array(nodeRulesSchema).min(1).max(NODES_MAX),
  startupGraceMs: ms,
  cooldownMs: ms,
  budget: z.strictObject({ count, perMs: ms }),
  opMaxAgeMs: ms,
  precheckMaxAgeMs: ms,
  verifyTimeoutMs: ms,
  contactTimeoutMs: ms,
  stableForMs: ms,
  restart: z.strictObject({ attempts: count, perMs: ms }),
  cutover: z.enum(['verified', 'early']),
  resyncAfter: z.enum(['failure', 'move']).default('failure'),
  failback: z.enum(['manual', 'window']),
  conflict: z.enum(['stopAll', 'freeze']),
  coldStart: z.boolean(),
  failureThreshold: z.strictObject({ count, perMs: ms }),
  maxLag: z.number().nullable(),
  minStartable: count,
  gates: z.array(id).max(NODES_MAX),
  hasSorry: z.boolean(),
  repairsDrift: z.boolean().default(false),
  ttl: ttlSchema,
  writtenTo: text.exactOptional(),
  second: z.strictObject({ provider: text, place: text, ttl: ttlSchema }).exactOptional(),
  sweepEveryMs: ms.nullable().default(null),
  bounds: z.strictObject({ rho: z.number().min(0).max(0.5), marginMs: ms }),
  alertRepeatMs: ms,
  retryMs: ms,
  activeActive: z
    .strictObject({ minHealthy: count, slowStartMs: ms, weights: z.record(z.string(), z.int().min(1)) })
    .exactOptional(),
});

const outcomeSchema = z.strictObject({
  kind: z.enum(['agreed', 'rejected', 'pending']),
  for: z.array(id),
  against: z.array(id),
  missing: z.array(id),
  vantages: z.array(text),
});
const voteSchema = z.strictObject({
  prober: id,
  vantage: text,
  verdict: z.enum(['up', 'down', 'unknown', 'absent', 'abstains']),
  reason: text,
  checkedWallMs: z.number().nullable(),
  against: count.exactOptional(),
});
const nodeViewSchema = z.strictObject({
  down: outcomeSchema,
  up: outcomeSchema,
  verified: outcomeSchema,
  answering: z.array(z.strictObject({ prober: id, revision: count })),
  suspectedBy: z.array(id),
  reach: z.enum(['reached', 'unreached', 'unknown']),
  votes: z.array(voteSchema),
  standby: z
    .strictObject({ healthy: outcomeSchema, unhealthy: outcomeSchema, votes: z.array(voteSchema) })
    .exactOptional(),
  reported: z.strictObject({ agent: text, revision: count }).exactOptional(),
});

export const viewSchema = z.strictObject({
  nodes: z.record(z.string(), nodeViewSchema),
  revision: count,
  brake: text.nullable(),
  referencesLost: z.boolean().exactOptional(),
});

export const outageInputSchema = z.strictObject({
  check: z.strictObject({ intervalMs: ms, timeoutMs: ms, fall: count, rise: count, minDownMs: ms, recheckMs: ms }),
  probers: count,
  exclusive: z.boolean(),
  contactTimeoutMs: ms,
  stopTimeoutMs: limit,
  fenceTimeoutsMs: z.array(ms),
  startTimeoutMs: limit,
  verifyTimeoutMs: ms,
  ttl: z.strictObject({ steadySeconds: ms, suspectSeconds: ms, followsSuspicion: z.boolean().default(true) }),
  controller: z.strictObject({ sessionTtlMs: ms, killTimeMs: ms, startupGraceMs: ms }),
  measured: z.strictObject({ stopMs: limit, fenceMs: limit, startMs: limit }),
});
