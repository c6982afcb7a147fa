// A real MariaDB server for tests, on loopback, with a password and TLS on request. MySQL itself is not in Debian.
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import type { Certified } from './certificates.ts';
import {
  DatabaseProcess,
  findProgram,
  makeServerDirectory,
  removeServerDirectory,
  runProgram,
  unprivileged,
} from './database-process.ts';
import { freePort } from './free-port.ts';

export const MARIADB_USER = 'oneup';
export const MARIADB_PASSWORD = 'native-Secret-7';
export const MARIADB_DATABASE = 'oneup';

export type MariadbServer = AsyncDisposable & {
  readonly port: number;
  /** A connection of the test itself, to be ended by it. */
  readonly client: () => ReturnType<typeof createConnection>;
  readonly run: (sql: string) => Promise<void>;
  readonly setStopped: (stopped: boolean) => void;
  readonly killAndRestart: () => Promise<void>;
  readonly kill: () => Promise<void>;
};

export type MariadbServerOptions = { readonly tls?: Certified; readonly settings?: readonly string[] };

export async function startMariadbServer(options: MariadbServerOptions = {}): Promise<MariadbServer> {
  const directory = makeServerDirectory('mariadb');
  try {
    const data = join(directory, 'data');
    initialise(data, directory);
    const port = await freePort();
    const args = serverArguments({ data, directory, port }, options);
    let server = await start(args, port);
    return {
      port,
      client: () => openClient(port),
      run: (sql) => runOnce(port, sql),
      setStopped: (stopped) => server.signalAll(stopped ? 'SIGSTOP' : 'SIGCONT'),
      kill: () => server.kill(),
      killAndRestart: async () => {
        await server.kill();
        server = await start(args, port);
      },
      [Symbol.asyncDispose]: async () => {
        await server.kill();
        removeServerDirectory(directory);
      },
    };
  } catch (error) {
    removeServerDirectory(directory);
    throw error;
  }
}

function initialise(data: string, directory: string): void {
  runProgram(find('mariadb-install-db'), [
    ...['--no-defaults', `--datadir=${data}`, '--skip-test-db', '--auth-root-authentication-method=normal'],
  ]);
  const bootstrap = [
    'FLUSH PRIVILEGES;',
    `CREATE DATABASE ${MARIADB_DATABASE};`,
    `CREATE USER ${MARIADB_USER}@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('${MARIADB_PASSWORD}');`,
    `GRANT ALL ON *.* TO ${MARIADB_USER}@'%';`,
  ].join('\n');
  runProgram(
    find('mariadbd'),
    ['--no-defaults', `--datadir=${data}`, `--tmpdir=${directory}`, '--bootstrap'],
    bootstrap,
  );
}

function serverArguments(
  { data, directory, port }: { readonly data: string; readonly directory: string; readonly port: number },
  { tls, settings = [] }: MariadbServerOptions,
): readonly string[] {
  const set = [
    ...['--no-defaults', `--datadir=${data}`, `--tmpdir=${directory}`, `--socket=${join(directory, 'socket')}`],
    ...['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve', '--innodb-buffer-pool-size=64M'],
    ...settings,
  ];
  if (tls === undefined) return set;
  const [cert, key] = [join(directory, 'server.pem'), join(directory, 'server.key')];
  writeFileSync(cert, tls.cert);
  writeFileSync(key, tls.key, { mode: 0o600 });
  give(cert);
  give(key);
  return [...set, `--ssl-cert=${cert}`, `--ssl-key=${key}`];
}

async function start(args: readonly string[], port: number): Promise<DatabaseProcess> {
  const server = new DatabaseProcess(find('mariadbd'), args);
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
    await (await openClient(port)).end();
    return true;
  } catch {
    return false;
  }
}

async function openClient(port: number): ReturnType<typeof createConnection> {
  const client = await createConnection({
    host: '127.0.0.1',
    port,
    user: MARIADB_USER,
    password: MARIADB_PASSWORD,
    database: MARIADB_DATABASE,
    multipleStatements: true,
    connectTimeout: 10_000,
  });
  // A server that is killed says so to whoever asks next.
  client.on('error', () => {});
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
  return findProgram(program, { extra: ['/usr/sbin', '/sbin', '/usr/bin'], debianPackage: 'mariadb-server' });
}

function give(path: string): void {
  const { uid, gid } = unprivileged();
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}
