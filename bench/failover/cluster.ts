// The benchmark's cluster: three real probers and two real servers in a temporary directory, ended by process id.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { openSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { StatusAnswer } from '../../src/cli/render-status.ts';
import type { Why } from '../../src/controller/read-why.ts';
import { configText, NODES, PROBERS, SCRIPTS, SQLITE } from './settings.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const SERVER = fileURLToPath(new URL('./grant-server.ts', import.meta.url));
const READY_MAX_MS = 30_000;
const run = promisify(execFile);

export type Cluster = AsyncDisposable & {
  readonly directory: string;
  readonly dnsPorts: readonly number[];
  readonly server: (node: string) => number;
  readonly startServer: (node: string) => Promise<void>;
  readonly oneup: (...argv: readonly string[]) => Promise<string>;
  readonly why: () => Promise<Why>;
  /** Waits until `node` is active, every prober sees it so, and nothing is under way. */
  readonly settled: (node: string) => Promise<void>;
};

/** `store` is what stands behind `cluster.store:` in the configuration [sqlite]. */
export async function startCluster(steadyTtl: number, store = SQLITE): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-bench-'));
  const dnsPorts = await Promise.all(PROBERS.map(() => freePort()));
  const httpPort = await freePort();
  await writeFile(join(directory, 'oneup.yaml'), configText({ store, httpPort, dnsPorts, steadyTtl }));
  for (const [name, text] of Object.entries(SCRIPTS)) {
    await writeFile(join(directory, name), text);
    await chmod(join(directory, name), 0o755);
  }
  const children: ChildProcess[] = [];
  const servers = new Map<string, number>();
  const start = (argv: readonly string[], log: string): ChildProcess => {
    const output = openSync(join(directory, log), 'a');
    const child = spawn(process.execPath, argv, { cwd: directory, stdio: ['ignore', output, output] });
    children.push(child);
    return child;
  };
  const oneup = async (...argv: readonly string[]): Promise<string> => {
    return (await run(process.execPath, [MAIN, ...argv], { cwd: directory, maxBuffer: 64 * 1024 * 1024 })).stdout;
  };
  const why = async (): Promise<Why> => JSON.parse(await oneup('why', 'web', '--json')) as Why;
  const startServer = async (node: string): Promise<void> => {
    end(servers.get(node));
    const address = NODES.find(({ id }) => id === node)?.address ?? '';
    const { pid = 0 } = start([SERVER, address, String(httpPort), `grant-${node}`], `server-${node}.log`);
    servers.set(node, pid);
  };
  await oneup('init');
  for (const { id } of NODES) await startServer(id);
  for (const id of PROBERS) start([MAIN, 'run', '--prober', id, '--log-level', 'warn'], `prober-${id}.log`);
  await ready(oneup);
  return {
    directory,
    dnsPorts,
    server: (node) => servers.get(node) ?? 0,
    startServer,
    oneup,
    why,
    settled: (node) => settled(why, node),
    [Symbol.asyncDispose]: async () => {
      for (const pid of servers.values()) end(pid);
      for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
      await sleep(500);
      for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Every prober votes and one of them is the controller. */
async function ready(oneup: Cluster['oneup']): Promise<void> {
  const until = performance.now() + READY_MAX_MS;
  while (performance.now() < until) {
    const text = await oneup('status', '--json').catch(() => '{}');
    const { cluster = null } = JSON.parse(text) as Partial<StatusAnswer>;
    if (cluster?.controller != null && cluster.probers.every((prober) => prober.isAlive)) return;
    await sleep(100);
  }
  throw new Error(`Cannot start the probers within ${READY_MAX_MS} ms`);
}

async function settled(why: () => Promise<Why>, node: string): Promise<void> {
  const until = performance.now() + READY_MAX_MS;
  let last = '';
  while (performance.now() < until) {
    try {
      const { status } = await why();
      const others = status.nodes.filter((other) => other.node !== node);
      const isQuiet = others.every((other) => other.quorum === 'down' && other.answering.length === 0);
      const seen = status.nodes.find((found) => found.node === node)?.votes.every((vote) => vote.verdict === 'up');
      if (status.active === node && status.tail === null && status.operation === null && isQuiet && seen) return;
      last = JSON.stringify(status).slice(0, 500);
    } catch (error) {
      last = String(error);
    }
    await sleep(100);
  }
  throw new Error(`Cannot settle on ${node} within ${READY_MAX_MS} ms: ${last}`);
}

/** A server that was killed before is gone already; a frozen one is not. */
function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}
