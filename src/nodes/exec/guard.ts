// The local guard of S12: the highest (generation, epoch, step) of each node on disk before anything acts, one claim per
// attempt, and the process groups that may still run. All runners of a machine share it, so it decides who may act.
import type { ActionResult } from '../../ports/node-driver.ts';
import { comparePositions, type StepPosition } from '../step-position.ts';
import { type GuardDatabase, openGuardDatabase } from './guard-database.ts';
import { type GuardKey, type GuardRecord, selectRecord } from './guard-record.ts';
import type { ProcessIdentity } from './process-identity.ts';

export type StepClaim = {
  readonly key: GuardKey;
  readonly position: StepPosition;
  readonly action: string;
  readonly claim: string;
  readonly owner: ProcessIdentity;
};

export type ClaimAnswer =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'refused'; readonly seen: GuardRecord }
  | { readonly kind: 'recorded'; readonly result: ActionResult }
  | { readonly kind: 'inFlight'; readonly record: GuardRecord };

/** A gate that stands ready: who waits behind it, and until when all of it must be gone. */
export type Gate = {
  readonly leader: ProcessIdentity;
  readonly untilBootMs: number;
  /** Asked inside the transaction, after any wait for its lock. */
  readonly isInTime: () => boolean;
};

export type LiveGroup = { readonly claim: string; readonly leader: ProcessIdentity; readonly owner: ProcessIdentity };

/** Every method is one transaction and throws ONEUP_GUARD_LOST or ONEUP_GUARD_CORRUPT when the file is not sound. */
export class Guard implements Disposable {
  readonly #db: GuardDatabase;

  constructor(path: string) {
    this.#db = openGuardDatabase(path);
  }

  get identity(): string {
    return this.#db.identity;
  }

  read(key: GuardKey): GuardRecord | null {
    return this.#db.transaction((db) => selectRecord(db, key));
  }

  /** S12: refuse lower, answer equal with what is recorded, take the place of everything below. */
  claim(request: StepClaim): ClaimAnswer {
    return this.#db.transaction((db) => {
      const seen = selectRecord(db, request.key);
      const order = seen === null ? 1 : comparePositions(request.position, seen.position);
      if (seen !== null && (order < 0 || (order === 0 && seen.action !== request.action)))
        return { kind: 'refused', seen };
      if (seen !== null && order === 0) {
        return seen.result === null ? { kind: 'inFlight', record: seen } : { kind: 'recorded', result: seen.result };
      }
      const { key, position, action, claim, owner } = request;
      const instance = changesInstance(action) ? 'unknown' : rememberedInstance(seen, owner.bootId);
      db.prepare(
        `INSERT OR REPLACE INTO node_state
         (cluster, service, node, generation, epoch, step, part, action, claim, owner, phase, result, instance, boot_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'claimed', NULL, ?, ?)`,
      ).run(
        ...[key.cluster, key.service, key.node, position.generation, position.epoch, position.step, position.part],
        ...[action, claim, JSON.stringify(owner), instance, owner.bootId],
      );
      return { kind: 'claimed' };
    });
  }

  /** Takes over an attempt that never got as far as a gate. False when it did after all. */
  retake({ key, claim, owner }: StepClaim, from: string): boolean {
    return this.#db.transaction((db) => {
      const changed = db
        .prepare(
          `UPDATE node_state SET claim = ?, owner = ?
           WHERE cluster = ? AND service = ? AND node = ? AND claim = ? AND phase = 'claimed' AND result IS NULL`,
        )
        .run(claim, JSON.stringify(owner), key.cluster, key.service, key.node, from);
      return Number(changed.changes) === 1;
    });
  }

  /** Records the gate before it may open. False when the claim was superseded or `isInTime` says that time is up. */
  recordGate({ key, claim, owner }: StepClaim, { leader, untilBootMs, isInTime }: Gate): boolean {
    return this.#db.transaction((db) => {
      if (selectRecord(db, key)?.claim !== claim || !isInTime()) return false;
      db.prepare(`UPDATE node_state SET phase = 'starting' WHERE claim = ?`).run(claim);
      db.prepare(
        `INSERT INTO live_group (claim, cluster, service, node, leader, owner, until_boot_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        ...[claim, key.cluster, key.service, key.node, JSON.stringify(leader), JSON.stringify(owner)],
        Math.ceil(untilBootMs),
      );
      return true;
    });
  }

  /** Records how a claim ended. False when a higher step has taken its place meanwhile. */
  finish(claim: string, result: ActionResult, { isGone }: { readonly isGone: boolean }): boolean {
    return this.#db.transaction((db) => {
      if (isGone) db.prepare('DELETE FROM live_group WHERE claim = ?').run(claim);
      const phase = result.kind === 'done' ? 'done' : result.kind === 'failed' ? 'failed' : 'killed';
      const changed = db
        .prepare(
          `UPDATE node_state SET phase = ?, result = ?, instance = CASE
             WHEN ? = 'done' AND action IN ('start', 'adopt') THEN 'active'
             WHEN ? = 'done' AND action = 'stop' THEN 'stopped'
             ELSE instance END
           WHERE claim = ? AND result IS NULL`,
        )
        .run(phase, JSON.stringify(result), phase, phase, claim);
      return Number(changed.changes) === 1;
    });
  }

  /** A confirmed fence level of this position: the instance is down. False when the position is not the highest. */
  recordOff(key: GuardKey, position: StepPosition, bootId: string): boolean {
    return this.#db.transaction((db) => {
      const seen = selectRecord(db, key);
      if (seen === null || comparePositions(seen.position, position) !== 0 || seen.action !== 'fence') return false;
      db.prepare(`UPDATE node_state SET instance = 'stopped', boot_id = ? WHERE claim = ?`).run(bootId, seen.claim);
      return true;
    });
  }

  /** Groups that may still run, of one node or of all. */
  liveGroups(key: GuardKey | null): readonly LiveGroup[] {
    return this.#db.transaction((db) => {
      const all = db.prepare('SELECT * FROM live_group').all();
      const own = all.filter((row) => key === null || isOf(row, key));
      return own.map((row) => ({
        claim: String(row.claim),
        leader: JSON.parse(String(row.leader)) as ProcessIdentity,
        owner: JSON.parse(String(row.owner)) as ProcessIdentity,
      }));
    });
  }

  /** Nothing of the group runs any more. */
  forgetGroup(claim: string): void {
    this.#db.transaction((db) => db.prepare('DELETE FROM live_group WHERE claim = ?').run(claim));
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]();
  }
}

function changesInstance(action: string): boolean {
  return action === 'start' || action === 'stop' || action === 'fence' || action === 'adopt';
}

/** S13: what ran before another boot runs no more, and what it was then says nothing now. */
function rememberedInstance(seen: GuardRecord | null, bootId: string): GuardRecord['instance'] {
  return seen === null || seen.bootId !== bootId ? 'unknown' : seen.instance;
}

function isOf(row: Readonly<Record<string, unknown>>, { cluster, service, node }: GuardKey): boolean {
  return row.cluster === cluster && row.service === service && row.node === node;
}
