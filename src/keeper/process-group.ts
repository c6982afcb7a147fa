// Holds an instance by its process group and session, where no pid namespace can be had. A process that leaves both escapes,
// and nothing ends it when the keeper dies: a keeper with this launch says that it does not bind (S16).
import { type ChildProcess, spawn } from 'node:child_process';
import type { Instance, Launch, MainExit, Program } from './instance.ts';
import { listProcesses, type ProcessIdentity, readProcess, signalProcess } from './process-table.ts';

export function groupLaunch(): Launch {
  return (program, onChange) => new GroupInstance(program, onChange);
}

class GroupInstance implements Instance {
  readonly started: Instance['started'];
  readonly #child: ChildProcess;
  readonly #main: ProcessIdentity | null;
  #exit: MainExit | null = null;

  constructor({ argv: [file = '', ...args], cwd, env, logFd }: Program, onChange: () => void) {
    const stdio = ['ignore', logFd, logFd] as const;
    this.#child = spawn(file, args, { stdio: [...stdio], env: { ...env }, cwd: cwd ?? '/', detached: true });
    const { pid } = this.#child;
    this.#main = pid === undefined ? null : readProcess(pid);
    this.#child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      onChange();
    });
    this.started = new Promise((resolve) => {
      this.#child.once('spawn', () => resolve({ kind: 'spawned', pid: pid ?? 0 }));
      this.#child.once('error', (error) => {
        this.#exit ??= { code: null, signal: null };
        resolve({ kind: 'failed', reason: `Cannot start the program: ${error.message}` });
      });
    });
  }

  mainPid(): number | null {
    return this.#exit === null ? (this.#main?.pid ?? null) : null;
  }

  mainExit(): MainExit | null {
    return this.#exit;
  }

  hasProcesses(): boolean {
    return this.#exit === null || this.#members().length > 0;
  }

  terminate(): void {
    const targets = this.#main !== null && this.#exit === null ? [this.#main] : this.#members();
    for (const target of targets) signalProcess(target, 'SIGTERM');
  }

  kill(): void {
    for (const member of this.#members()) signalProcess(member, 'SIGKILL');
  }

  isGone(): boolean {
    return !this.hasProcesses();
  }

  tend(): void {}

  #members(): readonly ProcessIdentity[] {
    const main = this.#main;
    if (main === null) return [];
    // The number belongs to somebody else, which the kernel allows only when group and session are empty.
    const now = readProcess(main.pid);
    if (now !== null && now.startTicks !== main.startTicks) return [];
    return listProcesses().filter(
      ({ groupId, sessionId, startTicks }) =>
        (groupId === main.pid || sessionId === main.pid) && startTicks >= main.startTicks,
    );
  }
}
