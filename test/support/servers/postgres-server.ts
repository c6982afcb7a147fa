// A real PostgreSQL server for tests, on loopback, with passwords as scram-sha-256 and TLS on request.
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Certified } from './certificates.ts';
import {
  DatabaseProcess,
  findProgram,
  makeServerDirectory,
  removeServerDirectory,
  runProgram,
  unprivileged,
  versionFolders,
} from './database-process.ts';
import { freePort } from './free-port.ts';
import { isListening } from './is-listening.ts';

export const POSTGRES_USER = 'oneup';
export const POSTGRES_PASSWORD = 'scram-Secret-7';
export const POSTGRES_DATABASE = 'postgres';

export type PostgresServer = AsyncDisposable & {
  readonly port: number;
  /** A connection of the test itself, to be ended by it. */
  readonly client: () => Promise<Client>;
  readonly run: (sql: string) => Promise<void>;
  readonly setStopped: (stopped: boolean) => void;
  readonly killAndRestart: () => Promise<void>;
  readonly kill: () => Promise<void>;
};

export type PostgresServerOptions = { readonly tls?: Certified; readonly settings?: readonly string[] };

export async function startPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const directory = makeServerDirectory('postgres');
  try {
    const data = join(directory, 'data');
    initialise(data, directory);
    const port = await freePort();
    const args = [...serverArguments({ data, directory, port }, options)];
    let server = await start(args, port);
    const stop = async () => server.kill();
    return {
      port,
      client: () => openClient(port),
      run: (sql) => runOnce(port, sql),
      setStopped: (stopped) => server.signalAll(stopped ? 'SIGSTOP' : 'SIGCONT'),
      kill: stop,
      killAndRestart: async () => {
        await stop();
        server = await start(args, port);
      },
      [Symbol.asyncDispose]: async () => {
        await stop();
        removeServerDirectory(directory);
      },
    };
  } catch (error) {
    removeServerDirectory(directory);
    throw error;
  }
}

function initialise(data: string, directory: string): void {
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, POSTGRES_PASSWORD);
  give(passwordFile);
  runProgram(find('initdb'), [
    ...['-D', data, '-U', POSTGRES_USER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--no-sync', '--encoding=UTF8', '--locale=C'],
  ]);
}

function serverArguments(
  { data, directory, port }: { readonly data: string; readonly directory: string; readonly port: number },
  { tls, settings = [] }: PostgresServerOptions,
): readonly string[] {
  const set = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${directory}`,
    'max_connections=100',
    ...settings,
  ];
  if (tls !== undefined) {
    const [cert, key] = [join(directory, 'server.pem'), join(directory, 'server.key')];
    writeFileSync(cert, tls.cert);
    writeFileSync(key, tls.key, { mode: 0o600 });
    give(cert);
    give(key);
    set.push('ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`);
  }
  return ['-D', data, ...set.flatMap((one) => ['-c', one])];
}

async function start(args: readonly string[], port: number): Promise<DatabaseProcess> {
  const server = new DatabaseProcess(find('postgres'), args);
  try {
    await server.waitUntil(() => answers(port));
    return server;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    if (!(await isListening(port))) return false;
    await (await openClient(port)).end();
    return true;
  } catch {
    return false;
  }
}

async function openClient(port: number): Promise<Client> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: POSTGRES_USER,
    password: POSTGRES_PASSWORD,
    database: POSTGRES_DATABASE,
    ssl: false,
    connectionTimeoutMillis: 10_000,
  });
  // A server that is killed says so to whoever asks next.
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function runOnce(port: number, sql: string): Promise<void> {
  const client = await openClient(port);
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function find(program: string): string {
  return findProgram(program, { extra: versionFolders('/usr/lib/postgresql', 'bin'), debianPackage: 'postgresql' });
}

function give(path: string): void {
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
