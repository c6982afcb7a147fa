// The small switch in user space that delays frames where the kernel has no netem: compiled when it is needed, one port in each
// namespace of the main network.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { namespaceOf } from './namespaces.ts';
import { runProgram } from './run-program.ts';

const SOURCE = fileURLToPath(new URL('./delay-switch.c', import.meta.url));

export class DelaySwitch implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when every host has its device; `folder` takes the program. */
  static async start(folder: string, hosts: readonly string[]): Promise<DelaySwitch> {
    const program = join(folder, 'delay-switch');
    runProgram('gcc', ['-O2', '-Wall', '-Werror', '-o', program, SOURCE]);
    const paths = hosts.map((host) => `/run/netns/${namespaceOf(host)}`);
    const child = spawn(program, paths, { stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        said += chunk;
      });
    }
    await waitUntil('the switch to be ready', () => {
      if (said.includes('ready')) return true;
      throw new Error(said);
    });
    return new DelaySwitch(child);
  }

  /** For every frame from now on; the frames under way keep their time. */
  setDelay(delayMs: number): void {
    this.#child.stdin?.write(`${delayMs}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }
}
