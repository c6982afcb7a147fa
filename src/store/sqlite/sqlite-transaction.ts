// Runs one change of the store in one transaction, and says honestly how it ended. The counter row is written before
// anything is read, so that commits of all processes are serial and guards see the last one (S5).
import type { DatabaseSync } from 'node:sqlite';
import type { FileWatcher } from './file-watcher.ts';
import { countOf } from './rows.ts';
import { toStoreFailure } from './sqlite-failure.ts';
import type { Statements } from './statements.ts';

/** `dropped`: the body asked for nothing to be written. `unknown`: the disk failed when the commit was on its way (S6). */
export type TransactionEnd<T> =
  | { readonly kind: 'kept'; readonly value: T }
  | { readonly kind: 'dropped'; readonly value: T }
  | { readonly kind: 'unknown'; readonly cause: Error };

export type TransactionOptions<T> = {
  readonly db: DatabaseSync;
  readonly statements: Statements;
  readonly file: FileWatcher;
  readonly path: string;
  /** Told the revision of this change; must not wait. What it throws undoes the transaction. */
  readonly body: (revision: number) => { readonly keep: boolean; readonly value: T };
};

/** Throws OneupError with nothing written; ONEUP_STORE_BUSY is worth another attempt. */
export function runTransaction<T>(options: TransactionOptions<T>): TransactionEnd<T> {
  const { statements, file, path, body } = options;
  file.checkNow();
  let outcome: ReturnType<typeof body>;
  try {
    // A transaction that an earlier failure left open would hold the lock against every process.
    endTransaction(options);
    statements.beginImmediate.run();
    outcome = body(countOf(statements.raise.get(), 'revision'));
    if (!outcome.keep) {
      statements.rollback.run();
      return { kind: 'dropped', value: outcome.value };
    }
  } catch (cause) {
    tryToEndTransaction(options);
    throw toStoreFailure(cause, 'write', path);
  }
  const problem = sendCommit(options);
  return problem === null ? { kind: 'kept', value: outcome.value } : { kind: 'unknown', cause: problem };
}

function sendCommit<T>(options: TransactionOptions<T>): Error | null {
  const { statements, file, path } = options;
  try {
    statements.commit.run();
    // A file that lost its name in the meantime took the commit along, or did not: nobody can tell from here.
    file.checkNow();
    return null;
  } catch (cause) {
    tryToEndTransaction(options);
    const failure = toStoreFailure(cause, 'write', path);
    return failure instanceof Error ? failure : new Error(String(failure));
  }
}

/** Rolls back what is still open: SQLite ends a transaction by itself after some failures, and after others not. */
export function endTransaction({ db, statements }: Pick<TransactionOptions<never>, 'db' | 'statements'>): void {
  if (db.isTransaction) statements.rollback.run();
}

/** The failure that led here is the one to report; a transaction still open is ended by the next one. */
function tryToEndTransaction(options: Pick<TransactionOptions<never>, 'db' | 'statements'>): void {
  try {
    endTransaction(options);
  } catch {
    // Reported by whoever tries next, see above.
  }
}
