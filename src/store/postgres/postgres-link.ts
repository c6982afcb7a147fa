// One connection to PostgreSQL: opened, told its limits, and refused when the server only reads or forgets.
import { Client } from 'pg';
import { OneupError } from '../../base/oneup-error.ts';
import type { LinkLimits } from '../sql/endpoints.ts';
import { createGuardedSocket, guardReader } from '../sql/guarded-socket.ts';
import { onlyRow, textOf } from '../sql/rows.ts';
import { SqlFailure } from '../sql/sql-failure.ts';
import { type Row, type SqlLink, untilAborted } from '../sql/sql-link.ts';
import type { SqlBackendOptions, SqlEndpoint, SqlTls } from '../sql/sql-store-options.ts';
import { toPostgresFailure } from './postgres-failure.ts';

type Login = Pick<SqlBackendOptions, 'database' | 'username' | 'password' | 'tls'>;

/** Rejects with SqlFailure, or with the signal's reason when it aborts; leaves nothing behind then. */
export async function connectPostgres(
  endpoint: SqlEndpoint,
  { login, statementTimeoutMs, signal }: LinkLimits & { readonly login: Login },
): Promise<SqlLink> {
  const link = await openPostgres(endpoint, { login, signal });
  try {
    await untilAborted(settle(link, endpoint, statementTimeoutMs), signal);
    return link;
  } catch (error) {
    link.destroy();
    if (signal.aborted) throw signal.reason;
    throw error instanceof SqlFailure ? error : toPostgresFailure(error, 'reach', endpoint);
  }
}

/** As `connectPostgres`, to any server that lets us in: nothing is set, and nothing is asked of it. */
export async function openPostgres(
  endpoint: SqlEndpoint,
  { login, signal }: { readonly login: Login; readonly signal: AbortSignal },
): Promise<SqlLink> {
  const socket = createGuardedSocket(endpoint);
  const client = createClient(endpoint, login, () => socket);
  const state = { isOpen: true, warning: null as string | null };
  const listeners: (() => void)[] = [];
  const tellNews = () => {
    for (const listener of listeners) listener();
  };
  // The driver reports each failure to the call under way as well.
  client.on('error', () => {
    state.isOpen = false;
  });
  socket.once('close', () => {
    state.isOpen = false;
    tellNews();
  });
  client.on('notification', tellNews);
  client.on('notice', ({ code, message }) => {
    if (isWarning(code)) state.warning = message ?? 'a warning';
  });
  const link: SqlLink = {
    query: (text) => query(client, state, { text, endpoint }),
    isOpen: () => state.isOpen,
    destroy: () => {
      state.isOpen = false;
      socket.destroy();
    },
    onNews: (listener) => listeners.push(listener),
  };
  try {
    await untilAborted(client.connect(), signal);
    return link;
  } catch (error) {
    link.destroy();
    if (signal.aborted) throw signal.reason;
    throw toPostgresFailure(error, 'reach', endpoint);
  }
}

function createClient({ host, port }: SqlEndpoint, login: Login, stream: () => ReturnType<typeof createGuardedSocket>) {
  const { database, username, password, tls } = login;
  const client = new Client({
    // The name for which the certificate is checked; the socket goes to the endpoint.
    host: tls?.serverName ?? host,
    port,
    database,
    user: username,
    // Never null: the driver would look for a password in the environment and in files.
    password: password ?? '',
    ssl: tls === null ? false : tlsOptions(tls),
    sslnegotiation: 'postgres',
    application_name: 'oneup',
    client_encoding: 'UTF8',
    // Every column as the text that the server sent.
    types: { getTypeParser: () => (raw: string | Buffer) => raw },
    stream,
  });
  client.connection.on('sslconnect', () => guardReader(client.connection.stream));
  return client;
}

function tlsOptions({ ca, cert, key }: SqlTls) {
  return {
    rejectUnauthorized: true,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

/** What every connection is told, and what it must not be: read-only, or one that forgets what it has confirmed. */
async function settle(link: SqlLink, endpoint: SqlEndpoint, statementTimeoutMs: number): Promise<void> {
  const lockTimeoutMs = Math.max(1, Math.floor(statementTimeoutMs / 2));
  const sets = await link.query(
    [
      `SET statement_timeout = ${statementTimeoutMs}`,
      `SET lock_timeout = ${lockTimeoutMs}`,
      `SET idle_in_transaction_session_timeout = ${statementTimeoutMs}`,
      // An operator's remote_apply is more than `on` and stays.
      "SELECT CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN '' " +
        "ELSE set_config('synchronous_commit', 'on', false) END",
      "SELECT pg_is_in_recovery()::text AS recovery, current_setting('transaction_read_only') AS read_only, " +
        "current_setting('fsync') AS fsync",
    ].join(';\n'),
  );
  const row = onlyRow(sets.at(-1));
  if (textOf(row, 'recovery') !== 'false') throw unfit(endpoint, 'the server is in recovery and takes no writes');
  if (textOf(row, 'read_only') !== 'off') throw unfit(endpoint, 'the server is read-only');
  if (textOf(row, 'fsync') !== 'on') throw unfit(endpoint, 'the server runs with fsync off and forgets commits');
}

async function query(
  client: Client,
  state: { isOpen: boolean; warning: string | null },
  { text, endpoint }: { readonly text: string; readonly endpoint: SqlEndpoint },
): Promise<readonly (readonly Row[])[]> {
  state.warning = null;
  try {
    const answer: unknown = await client.query<Row>(text);
    const results = (Array.isArray(answer) ? answer : [answer]) as { command: string | null; rows: Row[] }[];
    // A commit that was cut short in waiting for its standby succeeds with a warning; on this server alone it is not safe.
    if (state.warning !== null) throw new Error(`the server warns "${state.warning}"`);
    if (results.some(({ command }) => command === 'ROLLBACK'))
      throw new Error('the server rolled the transaction back');
    return results.filter(({ command }) => command === 'SELECT').map(({ rows }) => rows);
  } catch (error) {
    state.isOpen = false;
    throw toPostgresFailure(error, 'use', endpoint);
  }
}

/** SQLSTATE classes 01 (warning) and 57 (operator intervention); notices are of class 00 or 42. */
function isWarning(code: string | undefined): boolean {
  return code?.startsWith('01') === true || code?.startsWith('57') === true;
}

function unfit({ host, port }: SqlEndpoint, reason: string): SqlFailure {
  const message = `Cannot use the postgres store: ${reason}, value was ${host}:${port}`;
  return new SqlFailure(new OneupError('ONEUP_STORE_UNREACHABLE', message), 'undone');
}
