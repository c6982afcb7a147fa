// What a plan is computed from, as plain data: the records of one service, its rules and the votes of the moment. It can be
// saved and computed again far from the cluster; it holds neither commands nor secrets.
import { z } from 'zod';
import type { NodeId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { ServiceRules } from '../failover/service-rules.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { View } from '../failover/view.ts';
import type { OutageInput } from '../plan/outage-estimate.ts';
import type { StoreEntry } from '../ports/store.ts';
import { allKeys, decodeMachine, recordKeys } from './machine-records.ts';
import { prechecksOf } from './read-model.ts';
import { outageInputSchema, serviceRulesSchema, viewSchema } from './read-snapshot-schema.ts';
import { type Readiness, readinessSchema } from './readiness.ts';

export type PlanSnapshot = {
  readonly format: typeof FORMAT;
  readonly savedAt: string;
  readonly cluster: string;
  readonly service: string;
  /** The managed name. */
  readonly name: string;
  readonly rules: ServiceRules;
  /** Records of the service by key, as they stand in the store. */
  readonly records: Readonly<Record<string, unknown>>;
  readonly view: View;
  /** What the last prechecks of the standbys said; a file of an older oneup has none. */
  readonly readiness?: Readonly<Record<NodeId, Readiness>>;
  readonly outage: OutageInput;
};

/** Raised when a file of an older oneup would be read wrongly. */
export const FORMAT = 'oneup-plan-1';

const snapshotSchema = z.strictObject({
  format: z.literal(FORMAT),
  savedAt: z.iso.datetime(),
  cluster: z.string().min(1).max(200),
  service: z.string().min(1).max(200),
  name: z.string().min(1).max(300),
  rules: serviceRulesSchema,
  records: z.record(z.string(), z.unknown()),
  view: viewSchema,
  readiness: z.record(z.string(), readinessSchema).exactOptional(),
  outage: outageInputSchema,
});

/** Throws ONEUP_USAGE that names everything that is wrong with the text of a file. */
export function parsePlanSnapshot(text: string, file: string): PlanSnapshot {
  const bad = (reason: string, cause?: unknown) =>
    new OneupError('ONEUP_USAGE', `Cannot read snapshot ${file}: ${reason}`, {
      ...(cause === undefined ? {} : { cause }),
      remedy: 'Save one with oneup plan SERVICE --save FILE, and do not edit it',
    });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  const parsed = snapshotSchema.safeParse(value);
  if (!parsed.success) throw bad(z.prettifyError(parsed.error));
  const snapshot: PlanSnapshot = parsed.data;
  if (snapshot.rules.id !== snapshot.service) throw bad(`its rules are those of service ${snapshot.rules.id}`);
  const known = new Set(keysOf(snapshot));
  const foreign = Object.keys(snapshot.records).find((key) => !known.has(key));
  if (foreign !== undefined) throw bad(`record ${foreign} does not belong to service ${snapshot.service}`);
  try {
    machineOf(snapshot);
  } catch (error) {
    throw error instanceof OneupError ? bad(error.message, error) : error;
  }
  return snapshot;
}

export function keysOf({ cluster, rules }: Pick<PlanSnapshot, 'cluster' | 'rules'>): readonly string[] {
  return allKeys(recordKeys(storeKeys(cluster), rules));
}

/** The machine's state as the snapshot shows it. */
export function machineOf({ cluster, rules, records, view, readiness = {} }: PlanSnapshot): MachineState {
  const entries = Object.entries(records).map(([key, value]): readonly [string, StoreEntry] => [
    key,
    { key, value: JSON.stringify(value), version: 1, sessionId: null },
  ]);
  const state = decodeMachine(recordKeys(storeKeys(cluster), rules), rules, new Map(entries));
  return { ...state, local: { ...state.local, view, prechecks: prechecksOf(readiness) } };
}
