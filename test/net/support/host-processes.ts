// The long-running programs of a test, by name: started in the namespace of a host with a log of their own, ended and stopped by
// process id. One that should not end by itself is started again when it does, as what runs it in life would, and is told of.
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { HostName } from './hosts.ts';
import { inNamespace } from './namespaces.ts';

/** As whatever runs services waits before it starts one again. */
const AGAIN_MS = 1_000;

export type Program = {
  readonly host: HostName;
  readonly argv: readonly string[];
  /** [the folder of the logs] */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Started again when it ends without being killed [false]. */
  readonly isSupervised?: boolean;
};

export class HostProcesses {
  readonly #folder: string;
  readonly #children = new Map<string, ChildProcess>();
  readonly #ended: string[] = [];
  #isClosing = false;

  /** Logs go to `folder`, as log-NAME. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Supervised programs that ended although nobody killed them. */
  get endedByThemselves(): readonly string[] {
    return this.#ended;
  }

  start(name: string, program: Program): void {
    const output = openSync(join(this.#folder, `log-${name}`), 'a');
    const [command, args] = inNamespace(program.host, program.argv);
    const child = spawn(command, args, {
      cwd: program.cwd ?? this.#folder,
      env: { ...process.env, ...program.env },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    child.on('error', () => undefined);
    this.#children.set(name, child);
    if (program.isSupervised !== true) return;
    child.once('exit', () => {
      if (this.#isClosing || child.killed) return;
      this.#ended.push(name);
      setTimeout(() => this.#startAgain(name, program), AGAIN_MS).unref();
    });
  }

  #startAgain(name: string, program: Program): void {
    if (!this.#isClosing && !this.isRunning(name)) this.start(name, program);
  }

  isRunning(name: string): boolean {
    const child = this.#children.get(name);
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    const pid = this.#children.get(name)?.pid;
    if (pid === undefined) throw new RangeError(`Cannot find ${name}: it was not started`);
    process.kill(pid, signal);
  }

  /** Resolves when it is gone. */
  async kill(name: string): Promise<void> {
    const child = this.#children.get(name);
    if (child === undefined || !this.isRunning(name)) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Nothing is started again from here on: the namespaces go, with all that runs in them. */
  close(): void {
    this.#isClosing = true;
  }
}
