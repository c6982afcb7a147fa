// Opens the store of one cluster on a server: makes sure that its tables are there and of this version, and creates them
// only when told to (S4). Every step is bounded in time.
import { OneupError } from '../../base/oneup-error.ts';
import { Endpoints, type LinkLimits } from './endpoints.ts';
import { countOf } from './rows.ts';
import { SqlBackend, type SqlBackendParts } from './sql-backend.ts';
import type { SqlDialect } from './sql-dialect.ts';
import { SqlFailure } from './sql-failure.ts';
import { type SqlLink, untilAborted } from './sql-link.ts';
import { CALL_TIMEOUT_MS, type SqlBackendOptions, type SqlEndpoint } from './sql-store-options.ts';

/** Raised with every change of the tables. */
export const SCHEMA_VERSION = 1;
/** A watch that slept through this many changes lists again; at ten changes a second that is a quarter of an hour. */
const LOG_REVISIONS_MAX = 10_000;
/** A commit of unknown outcome is settled within seconds (S6); this many commits take minutes. */
const TOKENS_MAX = 10_000;
/** Creating tables on a slow disk takes seconds. */
const OPEN_TIMEOUT_MS = 30_000;

export type SqlEngine = {
  readonly kind: string;
  readonly sql: SqlDialect;
  readonly pollMs: number;
  /** What creates the tables, each text in one round trip; every one does nothing where it was done before. */
  readonly createTexts: readonly string[];
  readonly connect: (endpoint: SqlEndpoint, limits: LinkLimits) => Promise<SqlLink>;
  readonly hints: (connect: (signal: AbortSignal) => Promise<SqlLink>) => SqlBackendParts['hints'];
};

/**
 * Throws OneupError: NOT_INITIALISED without tables, NEWER when a newer program made them, DENIED, UNREACHABLE, CORRUPT.
 * Safe to repeat.
 */
export async function openSqlBackend(engine: SqlEngine, options: SqlBackendOptions): Promise<SqlBackend> {
  const { clock, callTimeoutMs = CALL_TIMEOUT_MS, endpoints } = options;
  const servers = new Endpoints({ kind: engine.kind, endpoints, clock, connect: engine.connect });
  await prepare(engine, servers, options);
  // So that within the time of one call every endpoint can be tried.
  const attemptMs = Math.max(1, Math.floor(callTimeoutMs / (endpoints.length + 1)));
  const limits = { attemptMs, statementTimeoutMs: callTimeoutMs };
  const connect = (signal: AbortSignal) => servers.connect({ ...limits, signal });
  return new SqlBackend({
    kind: engine.kind,
    sql: engine.sql,
    pollMs: options.pollMs ?? engine.pollMs,
    logRevisionsMax: options.logRevisionsMax ?? LOG_REVISIONS_MAX,
    tokensMax: options.tokensMax ?? TOKENS_MAX,
    connect,
    inUse: () => servers.inUse(),
    hints: engine.hints(connect),
  });
}

/** On a connection of its own, which is closed again. */
async function prepare(engine: SqlEngine, servers: Endpoints, options: SqlBackendOptions): Promise<void> {
  const deadline = new AbortController();
  const late = `Cannot open the ${engine.kind} store: no answer within ${OPEN_TIMEOUT_MS} ms`;
  const timer = options.clock.timer(OPEN_TIMEOUT_MS, () =>
    deadline.abort(new OneupError('ONEUP_STORE_UNREACHABLE', late)),
  );
  const signal = AbortSignal.any([deadline.signal, ...(options.signal === undefined ? [] : [options.signal])]);
  try {
    await prepareOnce(engine, servers, { options, signal }).catch((error: unknown) => {
      // Of two programs that create at once the second may be refused; it then finds everything there.
      const isRefused = error instanceof SqlFailure && error.proof !== 'none' && options.create === true;
      if (!isRefused) throw error;
      return prepareOnce(engine, servers, { options, signal });
    });
  } catch (error) {
    throw error instanceof SqlFailure ? error.fault : error;
  } finally {
    timer.stop();
  }
}

async function prepareOnce(
  engine: SqlEngine,
  servers: Endpoints,
  { options, signal }: { readonly options: SqlBackendOptions; readonly signal: AbortSignal },
): Promise<void> {
  const { callTimeoutMs: attemptMs = CALL_TIMEOUT_MS } = options;
  const link = await servers.connect({ attemptMs, statementTimeoutMs: OPEN_TIMEOUT_MS, signal });
  try {
    await untilAborted(prepareTables(engine, options, link), signal);
  } finally {
    link.destroy();
  }
}

async function prepareTables(engine: SqlEngine, options: SqlBackendOptions, link: SqlLink): Promise<void> {
  let version = await schemaVersion(engine.sql, link);
  if (version === null && options.create === true) {
    for (const text of engine.createTexts) await link.query(text);
    version = await schemaVersion(engine.sql, link);
  }
  const where = `value was ${JSON.stringify(options.cluster)}`;
  if (version === null) {
    throw new OneupError(
      'ONEUP_STORE_NOT_INITIALISED',
      `Cannot open the ${engine.kind} store: database ${options.database} holds no tables of the cluster, ${where}`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new OneupError(
      'ONEUP_STORE_NEWER',
      `Cannot open the ${engine.kind} store: its schema ${version} is newer than ${SCHEMA_VERSION}, ${where}`,
    );
  }
  if (version !== SCHEMA_VERSION) {
    throw new OneupError(
      'ONEUP_STORE_CORRUPT',
      `Cannot open the ${engine.kind} store: its schema version is ${version}, ${where}`,
    );
  }
}

/** Null when the tables are not there, or not all of them: the row of the counter is created last. */
async function schemaVersion(sql: SqlDialect, link: SqlLink): Promise<number | null> {
  try {
    const [rows = []] = await link.query(`SELECT schema_version FROM ${sql.table('counter')}`);
    return rows[0] === undefined ? null : countOf(rows[0], 'schema_version');
  } catch (error) {
    // What is lost to a program that has used it was never there for one that only opens it.
    if (error instanceof SqlFailure && error.fault.code === 'ONEUP_STORE_LOST') return null;
    throw error;
  }
}
