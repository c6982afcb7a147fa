// What the guard remembers of a node, as plain data, and how it is read from a row. A row that cannot be read is a damaged
// guard, never an empty one.
import type { DatabaseSync } from 'node:sqlite';
import { OneupError } from '../../base/oneup-error.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import type { StepPosition } from '../step-position.ts';
import type { ProcessIdentity } from './process-identity.ts';

export type GuardKey = { readonly cluster: string; readonly service: string; readonly node: string };

export type GuardRecord = {
  /** Highest step seen, whatever it did (S12). */
  readonly position: StepPosition;
  readonly action: string;
  /** Unique to one attempt at the step: only its holder may open the gate. */
  readonly claim: string;
  /** The runner that holds the claim. */
  readonly owner: ProcessIdentity;
  /** `claimed`: nothing was spawned under this claim. `starting`: a gate was recorded, the script may have run. */
  readonly phase: 'claimed' | 'starting' | 'done' | 'failed' | 'killed';
  readonly result: ActionResult | null;
  /** What the last start, stop, fence or adoption left behind; prechecks and syncs do not change it. */
  readonly instance: 'active' | 'stopped' | 'unknown';
  /** Boot in which `instance` was true; after another one it says nothing (S13). */
  readonly bootId: string;
  /** First process of the group that runs under the claim. */
  readonly leader: ProcessIdentity | null;
  /** CLOCK_BOOTTIME at which nothing of that group may be left, whoever has to end it; null without a group. */
  readonly untilBootMs: number | null;
};

export function selectRecord(db: DatabaseSync, { cluster, service, node }: GuardKey): GuardRecord | null {
  const row = db
    .prepare(
      `SELECT s.*, g.leader, g.until_boot_ms FROM node_state s LEFT JOIN live_group g USING (claim)
       WHERE s.cluster = ? AND s.service = ? AND s.node = ?`,
    )
    .get(cluster, service, node);
  if (row === undefined) return null;
  try {
    return {
      position: {
        generation: Number(row.generation),
        epoch: Number(row.epoch),
        step: Number(row.step),
        part: Number(row.part),
      },
      action: String(row.action),
      claim: String(row.claim),
      owner: JSON.parse(String(row.owner)) as ProcessIdentity,
      phase: String(row.phase) as GuardRecord['phase'],
      result: row.result === null ? null : (JSON.parse(String(row.result)) as ActionResult),
      instance: String(row.instance) as GuardRecord['instance'],
      bootId: String(row.boot_id),
      leader: row.leader === null ? null : (JSON.parse(String(row.leader)) as ProcessIdentity),
      untilBootMs: row.until_boot_ms === null ? null : Number(row.until_boot_ms),
    };
  } catch (cause) {
    throw new OneupError('ONEUP_GUARD_CORRUPT', `Cannot read the guard's record of ${service}/${node}`, { cause });
  }
}
