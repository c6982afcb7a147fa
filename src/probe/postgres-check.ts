// Logs in to a PostgreSQL server, asks one query where wanted, and takes its leave. Being refused for our login or rights
// says nothing about the node (S22).
import type { Socket } from 'node:net';
import { Client } from 'pg';
import type { SqlTarget } from '../config/check-target.ts';
import { CheckFault } from './check-fault.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ConverseOptions, converse } from './converse.ts';
import type { PhaseTimer } from './phase-timer.ts';
import { guardReader, judgeFirstValue, serverWords } from './sql-answer.ts';

/** SQLSTATE (PostgreSQL manual, appendix A): not let in, no right to do so, a query that is none. */
const OURS = /^(?:28...|42501|42601)$/;

/** Never rejects; safe to repeat. */
export function postgresCheck(target: SqlTarget, options: ConverseOptions): Promise<CheckOutcome> {
  const { host, port } = target;
  const party = { host, port, what: `log in to postgres at ${host}:${port}`, tls: null, proxy: null };
  return converse(party, options, async (socket, timer) => {
    try {
      return await talk(target, socket, timer);
    } catch (error) {
      throw error instanceof CheckFault ? error : faultOf(error as Error & { code?: unknown }, target);
    }
  });
}

async function talk(target: SqlTarget, socket: Socket, timer: PhaseTimer): Promise<string> {
  const client = createClient(target, socket);
  // The driver reports each failure to the call under way as well.
  client.on('error', () => {});
  await client.connect();
  timer.begin('body');
  const { query, expect, waitMs } = target;
  if (query === null) {
    client.end().catch(() => {});
    return 'logged in';
  }
  await client.query(`SET statement_timeout = ${waitMs}`);
  const answer: unknown = await client.query({ text: query, rowMode: 'array' });
  client.end().catch(() => {});
  // Several statements give a list of results: the last one counts.
  const last = (Array.isArray(answer) ? answer.at(-1) : answer) as { readonly rows: readonly (readonly unknown[])[] };
  return judgeFirstValue(last.rows[0], expect);
}

function createClient({ host, port, database, username, password, tls }: SqlTarget, socket: Socket): Client {
  const name = tls?.serverName ?? host;
  // It is open already; the driver asks for that in its own way.
  socket.connect = () => {
    queueMicrotask(() => socket.emit('connect'));
    return socket;
  };
  guardReader(socket);
  const client = new Client({
    host: name,
    port,
    database: database ?? username,
    user: username,
    // Never null: the driver would look for a password in the environment and in files.
    password: password?.reveal() ?? '',
    ssl:
      tls === null ? false : { host: name, rejectUnauthorized: tls.verify, ...(tls.ca === null ? {} : { ca: tls.ca }) },
    sslnegotiation: 'postgres',
    application_name: 'oneup',
    client_encoding: 'UTF8',
    stream: () => socket,
  });
  client.connection.on('sslconnect', () => guardReader(client.connection.stream));
  return client;
}

function faultOf(error: Error & { code?: unknown }, { password, host, port }: SqlTarget): Error {
  const code = typeof error.code === 'string' ? error.code : '';
  const said = `${serverWords(error, password)}${code === '' ? '' : ` (${code})`}, at ${host}:${port}`;
  if (OURS.test(code) || error.message.startsWith('SASL')) return new CheckFault('error', said);
  return /^[0-9A-Z]{5}$/.test(code) ? new CheckFault('fail', said) : error;
}
