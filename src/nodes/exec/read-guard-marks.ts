// What the guard tells about itself as a whole: which file it is, and how far the steps in it have come. The store remembers
// the same, so whoever sees both can tell a guard that was lost from one that is new (S4, S12).
import { OneupError } from '../../base/oneup-error.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { faultReason } from '../fault-reason.ts';
import { readGuardDatabase, selectIdentity } from './guard-database.ts';

export type GuardMarks = { readonly generation: number; readonly epoch: number; readonly step: number };

/** The random identity that the file got when it was created, or null when there is no file. Creates nothing. */
export function readGuardIdentity(path: string): Result<string | null, string> {
  return explained(() => readGuardDatabase(path, selectIdentity));
}

/**
 * The highest generation, epoch and step of any node, each for itself: what begins above all three is refused by nobody
 * (S4). Null when nothing is recorded or there is no file.
 */
export function highestGuardPosition(path: string): Result<GuardMarks | null, string> {
  return explained(() =>
    readGuardDatabase(path, (db) => {
      const row = db
        .prepare('SELECT max(generation) AS generation, max(epoch) AS epoch, max(step) AS step FROM node_state')
        .get();
      if (row === undefined || row.generation === null) return null;
      return { generation: Number(row.generation), epoch: Number(row.epoch), step: Number(row.step) };
    }),
  );
}

function explained<T>(read: () => T): Result<T, string> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof OneupError) return err(faultReason(error));
    throw error;
  }
}
