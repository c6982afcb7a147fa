// Logs in to a MySQL or MariaDB server, asks one query where wanted, and takes its leave. Being refused for our login or
// rights says nothing about the node (S22).
import type { Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import type { SqlTarget } from '../config/check-target.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';
import type { PhaseTimer } from './phase-timer.ts';
import { guardReader, judgeFirstValue, serverWords } from './sql-answer.ts';

/** The server's numbers for: not let in, no right to do so, a query that is none. */
const OURS: readonly number[] = [1044, 1045, 1064, 1130, 1142, 1143, 1227, 1698, 1820, 1862, 3118, 4151];
const UNKNOWN_SETTING = 1193;

/** Never rejects; safe to repeat. */
export function mysqlCheck(target: SqlTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const { host, port } = target;
  const party = { host, port, what: `log in to mysql at ${host}:${port}`, tls: null, proxy: null };
  return converse(party, options, async (socket, timer) => {
    const connection = createDriver(target, socket);
    try {
      return await talk(connection, target, timer);
    } catch (error) {
      throw error instanceof CheckFault ? error : faultOf(error as Error & { errno?: unknown }, target);
    }
  });
}

async function talk(connection: Connection, { query, expect, waitMs }: SqlTarget, timer: PhaseTimer): Promise<string> {
  const broken = new Promise<never>((_, reject) => connection.on('error', reject));
  broken.catch(() => {});
  const admitted = new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
  await Promise.race([admitted, broken]);
  timer.begin('body');
  if (query === null) {
    connection.end();
    return 'logged in';
  }
  // MariaDB has the first, MySQL the second.
  const limits = [`max_statement_time = ${waitMs / 1_000}`, `max_execution_time = ${waitMs}`];
  for (const limit of limits) await Promise.race([ask(connection, `SET SESSION ${limit}`, UNKNOWN_SETTING), broken]);
  const rows = await Promise.race([ask(connection, query, null), broken]);
  connection.end();
  const [first] = Array.isArray(rows) ? rows : [];
  return judgeFirstValue(Array.isArray(first) ? first : undefined, expect);
}

function ask(connection: Connection, sql: string, forgiven: number | null): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.query({ sql, rowsAsArray: true }, (error, answer: unknown) => {
      if (error === null || error === undefined || error.errno === forgiven) resolve(answer);
      else reject(error);
    });
  });
}

function createDriver({ host, port, database, username, password, tls }: SqlTarget, socket: Socket): Connection {
  const name = tls?.serverName ?? host;
  guardReader(socket);
  // The name for which the certificate is checked; the driver passes on names, and Node takes addresses from the socket.
  Object.assign(socket, { _host: name });
  return createConnection({
    host: name,
    port,
    user: username,
    password: password?.reveal() ?? '',
    ...(database === null ? {} : { database }),
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    disableEval: true,
    trace: false,
    // A server must not ask for our files.
    flags: ['-LOCAL_FILES'],
    // The caller's signal is the deadline.
    connectTimeout: 0,
    stream: () => socket,
    ...(tls === null ? {} : { ssl: tlsOptions(tls) }),
  });
}

/** A fresh object each time: the driver would resume a session for the same one, and not look at the certificate again. */
function tlsOptions({ ca, verify }: NonNullable<SqlTarget['tls']>) {
  return { rejectUnauthorized: verify, verifyIdentity: verify, ...(ca === null ? {} : { ca }) };
}

function faultOf(error: Error & { errno?: unknown }, { password, host, port }: SqlTarget): Error {
  // Numbers of the server begin at 1000; those of the system are negative.
  if (typeof error.errno !== 'number' || error.errno < 1_000) return error;
  const said = `${serverWords(error, password)} (${error.errno}), at ${host}:${port}`;
  return new CheckFault(OURS.includes(error.errno) ? 'error' : 'fail', said);
}
