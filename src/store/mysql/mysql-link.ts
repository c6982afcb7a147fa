// One connection to MySQL or MariaDB: opened, told its limits, and refused when the server only reads or forgets.
import { type Connection, createConnection } from 'mysql2';
import { OneupError } from '../../base/oneup-error.ts';
import type { LinkLimits } from '../sql/endpoints.ts';
import { createGuardedSocket } from '../sql/guarded-socket.ts';
import { countOf, onlyRow } from '../sql/rows.ts';
import { SqlFailure } from '../sql/sql-failure.ts';
import { type Row, type SqlLink, untilAborted } from '../sql/sql-link.ts';
import type { SqlBackendOptions, SqlEndpoint, SqlTls } from '../sql/sql-store-options.ts';
import { isUnknownSetting, toMysqlFailure, tooLarge } from './mysql-failure.ts';

/** A connection that a prober in trouble left behind ends after this time; one that is only idle is opened anew. */
const IDLE_SECONDS = 60;
/** Every server takes at least this much; replaced by what this one says. */
const PACKET_BYTES_MIN = 1_024;

type Login = Pick<SqlBackendOptions, 'database' | 'username' | 'password' | 'tls'>;

type State = {
  isOpen: boolean;
  packetBytesMax: number;
  /** Ends the text under way: the driver does not, when it is the connection that fails. */
  fail: ((error: Error) => void) | null;
};

/** Rejects with SqlFailure, or with the signal's reason when it aborts; leaves nothing behind then. */
export async function connectMysql(
  endpoint: SqlEndpoint,
  { login, statementTimeoutMs, signal }: LinkLimits & { readonly login: Login },
): Promise<SqlLink> {
  const { connection, link, state } = await open(endpoint, login, signal);
  try {
    await untilAborted(settle(connection, link, { state, endpoint, statementTimeoutMs }), signal);
    return link;
  } catch (error) {
    link.destroy();
    if (signal.aborted) throw signal.reason;
    throw error instanceof SqlFailure ? error : toMysqlFailure(error, 'reach', endpoint);
  }
}

/**
 * As `connectMysql`, to any server that lets us in: nothing is set, and nothing is asked of it. Takes its leave before it
 * goes, so that the server does not note a lost connection each time.
 */
export async function openMysql(
  endpoint: SqlEndpoint,
  { login, signal }: { readonly login: Login; readonly signal: AbortSignal },
): Promise<SqlLink> {
  const { connection, link } = await open(endpoint, login, signal);
  const leave = () => {
    if (link.isOpen()) connection.end();
    link.destroy();
  };
  return { ...link, destroy: leave };
}

type Opened = { readonly connection: Connection; readonly link: SqlLink; readonly state: State };

async function open(endpoint: SqlEndpoint, login: Login, signal: AbortSignal): Promise<Opened> {
  const socket = createGuardedSocket(endpoint);
  const connection = createDriver(endpoint, login, socket);
  const state: State = { isOpen: true, packetBytesMax: PACKET_BYTES_MIN, fail: null };
  const end = (error: Error) => {
    state.isOpen = false;
    state.fail?.(error);
  };
  connection.on('error', end);
  const closed = new Promise<never>((_, reject) => {
    socket.once('close', () => {
      const error = new Error('the connection was closed');
      end(error);
      reject(error);
    });
  });
  // Whoever waits for it hears of it.
  closed.catch(() => {});
  const link: SqlLink = {
    query: (text) => query(connection, state, { text, endpoint }),
    isOpen: () => state.isOpen,
    destroy: () => {
      state.isOpen = false;
      connection.destroy();
      socket.destroy();
    },
    onNews: (listener) => socket.once('close', listener),
  };
  try {
    const admitted = new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
    await untilAborted(Promise.race([admitted, closed]), signal);
    return { connection, link, state };
  } catch (error) {
    link.destroy();
    if (signal.aborted) throw signal.reason;
    throw toMysqlFailure(error, 'reach', endpoint);
  }
}

function createDriver({ host, port }: SqlEndpoint, login: Login, socket: ReturnType<typeof createGuardedSocket>) {
  const { database, username, password, tls } = login;
  // The name for which the certificate is checked; the driver passes on names, and Node takes addresses from the socket.
  const name = tls?.serverName ?? host;
  Object.assign(socket, { _host: name });
  return createConnection({
    host: name,
    port,
    database,
    user: username,
    password: password ?? '',
    charset: 'utf8mb4',
    multipleStatements: true,
    supportBigNumbers: true,
    disableEval: true,
    trace: false,
    flags: ['-LOCAL_FILES'],
    // The caller's signal is the deadline.
    connectTimeout: 0,
    stream: () => socket.connect({ host, port }),
    ...(tls === null ? {} : { ssl: tlsOptions(tls) }),
  });
}

/** A fresh object each time: the driver would resume a session for the same one, and not look at the certificate again. */
function tlsOptions({ ca, cert, key }: SqlTls) {
  return {
    rejectUnauthorized: true,
    verifyIdentity: true,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

type Settling = { readonly state: State; readonly endpoint: SqlEndpoint; readonly statementTimeoutMs: number };

/** What every connection is told, and what the server must not be: read-only, or one that forgets what it has confirmed. */
async function settle(connection: Connection, link: SqlLink, on: Settling): Promise<void> {
  const { state, endpoint, statementTimeoutMs } = on;
  const seconds = statementTimeoutMs / 1_000;
  const [rows] = await link.query(
    'SELECT @@global.read_only AS readOnly, @@innodb_read_only AS innodbReadOnly, ' +
      '@@innodb_flush_log_at_trx_commit AS flush, @@max_allowed_packet AS packetBytes',
  );
  const row = onlyRow(rows);
  if (isOn(row.readOnly) || isOn(row.innodbReadOnly)) throw unfit(endpoint, 'the server is read-only');
  if (countOf(row, 'flush') !== 1) {
    throw unfit(endpoint, `innodb_flush_log_at_trx_commit is ${String(row.flush)} and the server forgets commits`);
  }
  state.packetBytesMax = countOf(row, 'packetBytes');
  await link.query(
    [
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION autocommit = 1, " +
        `SESSION wait_timeout = ${IDLE_SECONDS}, ` +
        `SESSION innodb_lock_wait_timeout = ${Math.max(1, Math.floor(seconds / 2))}`,
      'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
    ].join(';\n'),
  );
  // MariaDB has the first two, MySQL the third.
  const optional = [
    `idle_transaction_timeout = ${Math.max(1, Math.ceil(seconds))}`,
    `max_statement_time = ${seconds}`,
    `max_execution_time = ${statementTimeoutMs}`,
  ];
  for (const setting of optional) await trySetting(connection, setting);
}

async function trySetting(connection: Connection, setting: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.query(`SET SESSION ${setting}`, (error) => {
      if (error === null || isUnknownSetting(error)) resolve();
      else reject(error);
    });
  });
}

async function query(
  connection: Connection,
  state: State,
  { text, endpoint }: { readonly text: string; readonly endpoint: SqlEndpoint },
): Promise<readonly (readonly Row[])[]> {
  // One byte says that it is a query.
  const bytes = Buffer.byteLength(text) + 1;
  if (bytes > state.packetBytesMax) throw tooLarge(bytes, state.packetBytesMax, endpoint);
  try {
    return await new Promise((resolve, reject) => {
      state.fail = reject;
      connection.query(text, (error: Error | null, answer: unknown) => {
        if (error === null) resolve(rowSets(answer));
        else reject(error);
      });
    });
  } catch (error) {
    state.isOpen = false;
    throw toMysqlFailure(error, 'use', endpoint);
  } finally {
    state.fail = null;
  }
}

/** One statement answers with its rows, or with a header; several with a list of those. */
function rowSets(answer: unknown): readonly (readonly Row[])[] {
  if (!Array.isArray(answer)) return [];
  const isOfOne = answer.every((part) => !Array.isArray(part) && !isHeader(part));
  return isOfOne ? [answer] : answer.filter((part) => Array.isArray(part));
}

function isHeader(part: unknown): boolean {
  return typeof part === 'object' && part !== null && part.constructor.name === 'ResultSetHeader';
}

export function isOn(value: unknown): boolean {
  return !(value === 0 || value === '0' || value === 'OFF');
}

function unfit({ host, port }: SqlEndpoint, reason: string): SqlFailure {
  const message = `Cannot use the mysql store: ${reason}, value was ${host}:${port}`;
  return new SqlFailure(new OneupError('ONEUP_STORE_UNREACHABLE', message), 'undone');
}
