// One kept service under a real agent: a built `oneup agent`, its keeper, a listener for agents with a certificate, and a process
// that does nothing.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { order } from '../../test/support/agent-bench.ts';
import { type DoorWorld, GENERATION, openDoorWorld } from '../../test/support/agent-door-world.ts';
import { put } from '../../test/support/store-calls.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ACTIVE_MAX_MS = 60_000;
const LOOK_MS = 200;
const SERVICE = { kind: 'run', argv: ['/bin/sleep', 'infinity'], env: {}, cwd: null } as const;

export type KeptService = AsyncDisposable & {
  readonly agentPid: number;
  readonly keeperPid: number;
  readonly isActive: () => Promise<boolean>;
};

/** Resolves when the service runs. Rejects with the log of the agent when it does not come up. */
export async function startKeptService(): Promise<KeptService> {
  await using owned = new AsyncDisposableStack();
  const place = mkdtempSync(join(tmpdir(), 'oneup-bench-agent-'));
  owned.defer(() => rmSync(place, { recursive: true, force: true, maxRetries: 5 }));
  build(place);
  const world = owned.use(await openDoorWorld());
  const file = await prepare(world, place);
  const agent = spawn(process.execPath, [join(place, 'dist/src/main.js'), 'agent', '-c', file], {
    cwd: place,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owned.defer(() => end(agent, place));
  const log = collect(agent);
  const isActive = async () => {
    const entry = await world.store.get(world.keys.agent('web', 'a'));
    return entry !== null && (JSON.parse(entry.value) as { readonly role: string }).role === 'active';
  };
  for (let waitedMs = 0; !(await isActive()); waitedMs += LOOK_MS) {
    if (waitedMs > ACTIVE_MAX_MS) throw new Error(`Cannot start the agent: ${log()}`);
    await sleep(LOOK_MS);
  }
  const [keeperPid] = keepersIn(place);
  if (agent.pid === undefined || keeperPid === undefined) throw new Error(`Cannot find the keeper: ${log()}`);
  const kept = owned.move();
  return { agentPid: agent.pid, keeperPid, isActive, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** As the package is built: what runs from source pays for the compiler too. */
function build(place: string): void {
  const words = ['-p', ROOT, '--noEmit', 'false', '--declaration', 'false', '--outDir', join(place, 'dist')];
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot build: ${stdout}`);
  copyFileSync(join(ROOT, 'package.json'), join(place, 'dist/package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(place, 'node_modules'));
}

/** The agent's file, and in the store its order to start. */
async function prepare(world: DoorWorld, place: string): Promise<string> {
  const door = await world.open();
  const source = door.source();
  door.source = () => ({
    ...source,
    nodesOf: (agent) => source.nodesOf(agent).map((node) => ({ ...node, actions: { start: SERVICE } })),
  });
  const start = order('start', 4, 10, GENERATION.number);
  await put(world.store, world.keys.goal('web', 'a'), JSON.stringify(start));
  const { text } = await world.token();
  writeFileSync(join(place, 'ca.pem'), world.authority.ca);
  const file = {
    cluster: 'test',
    agent: 'n1',
    probers: [`https://127.0.0.1:${door.endpoint.port}`],
    ca: `\${file:${join(place, 'ca.pem')}}`,
    token: text,
    stateDir: join(place, 'state'),
  };
  // JSON is YAML.
  writeFileSync(join(place, 'agent.yaml'), JSON.stringify(file), { mode: 0o600 });
  return join(place, 'agent.yaml');
}

const LOG_CHARS = 10_000;

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    text = `${text}${chunk}`.slice(-LOG_CHARS);
  });
  return () => text;
}

async function end(agent: ChildProcess, place: string): Promise<void> {
  if (agent.exitCode === null && agent.signalCode === null) {
    agent.kill('SIGKILL');
    await once(agent, 'exit');
  }
  // A keeper that is told to end takes its service along.
  for (const pid of keepersIn(place)) process.kill(pid, 'SIGTERM');
  for (let tries = 0; keepersIn(place).length > 0 && tries < 100; tries += 1) await sleep(LOOK_MS / 2);
}

/** Not the shells and tools that stand around it. */
function keepersIn(place: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const words = commandLine(pid);
      return (
        words[0] === process.execPath &&
        words.some((word) => word.startsWith(join(place, 'dist')) && word.includes('keeper-process'))
      );
    });
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
