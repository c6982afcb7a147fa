// Looks into the guard's state without a runner and without changing it: any prober of the machine may ask.
import { OneupError } from '../../base/oneup-error.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { faultReason } from '../fault-reason.ts';
import { readGuardDatabase } from './guard-database.ts';
import { type GuardKey, type GuardRecord, selectRecord } from './guard-record.ts';

/** Null when nothing was ever done to the node here. The error names its code and remedy. */
export function readGuardRecord(path: string, key: GuardKey): Result<GuardRecord | null, string> {
  try {
    return ok(readGuardDatabase(path, (db) => selectRecord(db, key)));
  } catch (error) {
    if (error instanceof OneupError) return err(faultReason(error));
    throw error;
  }
}
