// Says what a failure of MySQL or MariaDB, or of the way to it, means for a store: a code of the catalogue, and whether it
// proves that nothing was written. Only the plain cause is kept: the driver's errors hold the whole text that was sent.
import { OneupError } from '../../base/oneup-error.ts';
import { type Proof, SqlFailure } from '../sql/sql-failure.ts';
import type { SqlEndpoint } from '../sql/sql-store-options.ts';

type Meaning = { readonly code: OneupError['code']; readonly proof: Proof; readonly remedy?: string };

const DENIED: Meaning = { code: 'ONEUP_STORE_DENIED', proof: 'undone' };
const CORRUPT: Meaning = { code: 'ONEUP_STORE_CORRUPT', proof: 'undone' };
const READ_ONLY: Meaning = { code: 'ONEUP_STORE_UNREACHABLE', proof: 'undone' };
const TOO_LARGE: Meaning = {
  code: 'ONEUP_STORE_LIMIT',
  proof: 'undone',
  remedy: 'Raise max_allowed_packet on the server; docs/stores.md has the settings of each store',
};

/**
 * By the server's error numbers. What is not listed proves nothing: a statement that was interrupted, a server that shuts
 * down or a commit that failed can stand for a commit that was made (1053, 1180, 1317, 1927, 1969, 3024).
 */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  1020: { code: 'ONEUP_STORE_UNREACHABLE', proof: 'again' },
  1213: { code: 'ONEUP_STORE_UNREACHABLE', proof: 'again' },
  // The statement is undone, and the transaction with it: its connection is closed before it can end.
  1205: {
    code: 'ONEUP_STORE_BUSY',
    proof: 'undone',
    remedy: 'Find the transaction that holds the counter row (information_schema.INNODB_TRX) and end it',
  },
  1021: { code: 'ONEUP_STORE_FULL', proof: 'undone' },
  1114: { code: 'ONEUP_STORE_FULL', proof: 'undone' },
  1153: TOO_LARGE,
  1301: TOO_LARGE,
  // No right: to the database, at all, to a table or column, to a setting; account locked, expired, or host not allowed.
  1044: DENIED,
  1045: DENIED,
  1130: DENIED,
  1142: DENIED,
  1143: DENIED,
  1227: DENIED,
  1698: DENIED,
  1820: DENIED,
  1862: DENIED,
  3118: DENIED,
  4151: DENIED,
  1049: {
    code: 'ONEUP_STORE_UNREACHABLE',
    proof: 'undone',
    remedy: 'Create the database on the server, or name another one in cluster.store',
  },
  1146: { code: 'ONEUP_STORE_LOST', proof: 'undone', remedy: 'Put the tables of the cluster back' },
  // Somebody changed the tables: a column is missing, null, of another type, out of range, or breaks a rule.
  1048: CORRUPT,
  1054: CORRUPT,
  1062: CORRUPT,
  1064: CORRUPT,
  1264: CORRUPT,
  1292: CORRUPT,
  1364: CORRUPT,
  1366: CORRUPT,
  1406: CORRUPT,
  1690: CORRUPT,
  3819: CORRUPT,
  4025: CORRUPT,
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  // READ COMMITTED needs a binary log of rows, or a mixed one.
  1665: { code: 'ONEUP_STORE_UNREACHABLE', proof: 'undone', remedy: 'Set binlog_format to ROW or MIXED on the server' },
};

const OTHERWISE: Meaning = { code: 'ONEUP_STORE_UNREACHABLE', proof: 'none' };

/** `what` is a verb: "reach", "use". */
export function toMysqlFailure(error: unknown, what: string, endpoint: SqlEndpoint): SqlFailure {
  const message = error instanceof Error ? error.message : String(error);
  const number = errorNumberOf(error);
  if (number === null) return mysqlFailure(isAboutLogin(error) ? DENIED : OTHERWISE, { what, endpoint, message });
  const reason = `the server says "${message}" (${number})`;
  return mysqlFailure(MEANINGS[number] ?? OTHERWISE, { what, endpoint, message: reason });
}

/** For a text that was never sent. */
export function tooLarge(bytes: number, bytesMax: number, endpoint: SqlEndpoint): SqlFailure {
  const message = `max_allowed_packet is ${bytesMax}, and a commit needs ${bytes}`;
  return mysqlFailure(TOO_LARGE, { what: 'use', endpoint, message });
}

export function isUnknownSetting(error: unknown): boolean {
  return errorNumberOf(error) === 1193;
}

function mysqlFailure(
  { code, proof, remedy }: Meaning,
  { what, endpoint, message }: { readonly what: string; readonly endpoint: SqlEndpoint; readonly message: string },
): SqlFailure {
  const where = `value was ${endpoint.host}:${endpoint.port}`;
  const fault = new OneupError(code, `Cannot ${what} the mysql store: ${message}, ${where}`, {
    cause: new Error(message),
    ...(remedy === undefined ? {} : { remedy }),
  });
  return new SqlFailure(fault, proof);
}

/** Null for what the driver or the network made up: numbers of the server begin at 1000. */
function errorNumberOf(error: unknown): number | null {
  if (!(error instanceof Error && 'errno' in error && typeof error.errno === 'number')) return null;
  return error.errno >= 1000 ? error.errno : null;
}

function isAboutLogin(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('AUTH_');
}
