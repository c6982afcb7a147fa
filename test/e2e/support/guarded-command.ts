// A command under run-if-active on a node of a test cluster, as a crontab would start it; what is left of it is killed in the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isRunning } from '../../support/keeper-bench.ts';
import type { AgentCluster } from './agents.ts';
import type { NodeName } from './cluster-files.ts';
import { waitUntil } from './wait-until.ts';

export const RUN_IF_ACTIVE = fileURLToPath(new URL('../../../src/job/run-if-active-process.ts', import.meta.url));
/** The lease of the cluster is short, and a busy machine loses renewals. */
const OLD: readonly string[] = ['--max-state-age', '20s'];

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export class GuardedCommand implements Disposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly #pids: number[] = [];

  constructor(agents: AgentCluster, node: NodeName, ...args: readonly string[]) {
    const state = agents.cluster.path(`agent-${node}/state.json`);
    this.child = spawn(process.execPath, [RUN_IF_ACTIVE, '--state', state, ...OLD, 'web', ...args], {
      cwd: agents.cluster.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.ended = collect(this.child);
  }

  /** The process id that a shell has written, as the machine sees it, once it has. */
  async pidIn(path: string): Promise<number> {
    const text = await waitUntil(path, () => existsSync(path) && readFileSync(path, 'utf8').endsWith('\n'));
    const pid = text ? Number(readFileSync(path, 'utf8')) : 0;
    this.#pids.push(pid);
    return pid;
  }

  [Symbol.dispose](): void {
    for (const pid of [this.child.pid, ...this.#pids]) {
      if (pid !== undefined && isRunning(pid)) process.kill(pid, 'SIGKILL');
    }
  }
}

async function collect(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
