// Says what a failure of SQLite means for a store, in words and codes of the catalogue. Anything that is no failure of
// SQLite is a mistake in this program and is passed on as it is.
import { OneupError } from '../../base/oneup-error.ts';

/** Result codes of SQLite (sqlite.org/rescode.html) that are told apart here; extended codes carry them in the low byte. */
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const IOERR_SHORT_READ = 522;
const CORRUPT = 11;
const FULL = 13;
const NOTADB = 26;
/** "no such table" and the like, a broken rule of the schema, a value of the wrong type: somebody changed the file. */
const ERROR = 1;
const SCHEMA = 17;
const CONSTRAINT = 19;
const MISMATCH = 20;

/** The error to throw for `cause`, which came up while doing `what` with the store at `path`. */
export function toStoreFailure(cause: unknown, what: string, path: string): unknown {
  if (isUnreadableNumber(cause)) return corrupt(`it holds a number that is out of range`, what, path, cause);
  if (!isSqliteError(cause)) return cause;
  const reason = `SQLite says "${cause.errstr}" (${cause.errcode})`;
  if (cause.errcode === IOERR_SHORT_READ) return corrupt(reason, what, path, cause);
  switch (cause.errcode & 0xff) {
    case BUSY:
    case LOCKED:
      return new OneupError('ONEUP_STORE_BUSY', message(what, path, 'another process keeps it locked'), { cause });
    case CORRUPT:
    case NOTADB:
    case ERROR:
    case SCHEMA:
    case CONSTRAINT:
    case MISMATCH:
      return corrupt(reason, what, path, cause);
    case FULL:
      return new OneupError('ONEUP_STORE_LOST', message(what, path, 'the disk, or the size allowed to it, is full'), {
        cause,
        remedy: 'Make room on the disk of the store; it then goes on by itself',
      });
    case READONLY:
      return new OneupError('ONEUP_STORE_LOST', message(what, path, `it cannot be written, ${reason}`), { cause });
    case IOERR:
      return new OneupError('ONEUP_STORE_LOST', message(what, path, `its disk fails, ${reason}`), { cause });
    default:
      return new OneupError('ONEUP_STORE_UNREACHABLE', message(what, path, reason), { cause });
  }
}

/** `what` is a verb: "read", "write", "open". */
function message(what: string, path: string, reason: string): string {
  return `Cannot ${what} store: ${reason}, value was ${path}`;
}

function corrupt(reason: string, what: string, path: string, cause: unknown): OneupError {
  return new OneupError('ONEUP_STORE_CORRUPT', message(what, path, reason), { cause });
}

type SqliteError = Error & { readonly errcode: number; readonly errstr: string };

function isSqliteError(cause: unknown): cause is SqliteError {
  return cause instanceof Error && 'errcode' in cause && typeof cause.errcode === 'number' && 'errstr' in cause;
}

/** node:sqlite refuses to hand out integers beyond 2^53. */
function isUnreadableNumber(cause: unknown): boolean {
  return cause instanceof RangeError && 'code' in cause && cause.code === 'ERR_OUT_OF_RANGE';
}
