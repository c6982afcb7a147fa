// A server program that a test starts: its output is kept for the message when it does not come up, and it ends by its
// process id, whatever state it is in.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const OUTPUT_CHARS_MAX = 20_000;
const READY_MS = 60_000;
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];

export type ServerProgram = {
  /** Name of the program, found on the path or in the folders of administrators. */
  readonly program: string;
  /** Debian package that brings it, for the message when it is missing. */
  readonly debianPackage: string;
  readonly args: readonly string[];
  readonly options?: SpawnOptions;
  /** Asked again and again until it says true; a throw counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
};

export class StartedServer {
  readonly #program: ServerProgram;
  #child: ChildProcess | null = null;
  #output = '';

  constructor(program: ServerProgram) {
    this.#program = program;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.#program.program} is not running`);
    return pid;
  }

  /** Starts it, also again after `kill`, and resolves when it answers. */
  async start(): Promise<void> {
    const { program, args, options, isReady } = this.#program;
    const child = spawn(this.#find(), args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    // A runner that ends in a hurry leaves no server behind.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const keep = (chunk: Buffer) => {
      this.#output = `${this.#output}${chunk.toString('utf8')}`.slice(-OUTPUT_CHARS_MAX);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    const until = performance.now() + READY_MS;
    for (;;) {
      if (await isReady().catch(() => false)) return;
      if (child.exitCode !== null || child.signalCode !== null || performance.now() > until) {
        await this.kill();
        throw new Error(`${program} did not start\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Stands still, with all its connections open (`SIGSTOP`), and goes on. */
  setStopped(stopped: boolean): void {
    process.kill(this.pid, stopped ? 'SIGSTOP' : 'SIGCONT');
  }

  /** `kill -9`; resolves when the process is gone. Safe to repeat. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  #find(): string {
    const { program, debianPackage } = this.#program;
    const found = FOLDERS.map((folder) => join(folder, program)).find(isExecutable);
    if (found === undefined) throw new Error(`Cannot find ${program}: install the Debian package ${debianPackage}`);
    return found;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
