// Says what a failure of PostgreSQL, or of the way to it, means for a store: a code of the catalogue, and whether it proves
// that nothing was written. Only the plain cause is kept: an error of the driver carries more than a log should hold.
import { OneupError } from '../../base/oneup-error.ts';
import { type Proof, SqlFailure } from '../sql/sql-failure.ts';
import type { SqlEndpoint } from '../sql/sql-store-options.ts';

type Meaning = { readonly code: OneupError['code']; readonly proof: Proof; readonly remedy?: string };

/**
 * SQLSTATE classes and codes (PostgreSQL manual, appendix A), the longest match counts. Class 57 (somebody stopped the
 * server or the statement) can arrive behind a commit that was made, so it proves nothing.
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  '22': { code: 'ONEUP_STORE_CORRUPT', proof: 'undone' },
  '23': { code: 'ONEUP_STORE_CORRUPT', proof: 'undone' },
  '25': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'undone' },
  '28': { code: 'ONEUP_STORE_DENIED', proof: 'undone' },
  '3D': {
    code: 'ONEUP_STORE_UNREACHABLE',
    proof: 'undone',
    remedy: 'Create the database on the server, or name another one in cluster.store',
  },
  '3F': { code: 'ONEUP_STORE_LOST', proof: 'undone' },
  '40': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'undone' },
  '40001': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'again' },
  // The outcome of the statement is not known, says the manual.
  '40003': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'none' },
  '40P01': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'again' },
  '42': { code: 'ONEUP_STORE_CORRUPT', proof: 'undone' },
  '42501': { code: 'ONEUP_STORE_DENIED', proof: 'undone' },
  '42P01': { code: 'ONEUP_STORE_LOST', proof: 'undone', remedy: 'Put the tables of the cluster back' },
  '53': { code: 'ONEUP_STORE_UNREACHABLE', proof: 'undone' },
  '53100': { code: 'ONEUP_STORE_FULL', proof: 'undone' },
  '54': { code: 'ONEUP_STORE_LIMIT', proof: 'undone' },
  '55P03': {
    code: 'ONEUP_STORE_BUSY',
    proof: 'undone',
    remedy: 'Find the transaction that holds the counter row (pg_stat_activity) and end it',
  },
  XX001: { code: 'ONEUP_STORE_CORRUPT', proof: 'none' },
  XX002: { code: 'ONEUP_STORE_CORRUPT', proof: 'none' },
};

const OTHERWISE: Meaning = { code: 'ONEUP_STORE_UNREACHABLE', proof: 'none' };

/** `what` is a verb: "reach", "use". */
export function toPostgresFailure(error: unknown, what: string, { host, port }: SqlEndpoint): SqlFailure {
  const message = error instanceof Error ? error.message : String(error);
  const state = sqlStateOf(error);
  const { code, proof, remedy } = state === null ? meaningOf(message) : (findMeaning(state) ?? OTHERWISE);
  const reason = state === null ? message : `the server says "${message}" (${state})`;
  const fault = new OneupError(code, `Cannot ${what} the postgres store: ${reason}, value was ${host}:${port}`, {
    cause: new Error(message),
    ...(remedy === undefined ? {} : { remedy }),
  });
  return new SqlFailure(fault, proof);
}

/** Failures that the driver finds without an answer of the server: SCRAM is a proof of both sides. */
function meaningOf(message: string): Meaning {
  return message.startsWith('SASL') ? { code: 'ONEUP_STORE_DENIED', proof: 'none' } : OTHERWISE;
}

function findMeaning(state: string): Meaning | undefined {
  return MEANINGS[state] ?? MEANINGS[state.slice(0, 2)];
}

function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && 'severity' in error ? error.code : null;
}
