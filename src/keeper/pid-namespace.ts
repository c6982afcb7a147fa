// Holds an instance in a pid namespace of its own, whose first process dies with the keeper and takes every other process with
// it, also those that left their process group or session (S16). See docs/adr/0021-keeper.md for the way it is built:
//   keeper - setpriv, unshare - first process (a shell that reaps orphans) - cat, which ends when the keeper's pipe closes
//   keeper - setpriv, nsenter - setsid, the program
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Tools } from './find-tools.ts';
import { childOf, findInside, hasExited, startApart, startFirstProcess, WAITER } from './first-process.ts';
import type { Instance, Launch, MainExit, Program } from './instance.ts';
import {
  commandLineOf,
  isAlive,
  listProcesses,
  type ProcessIdentity,
  pidNamespaceOf,
  programOf,
  readProcess,
  signalProcess,
} from './process-table.ts';

export type NamespaceOptions = {
  readonly clock: Clock;
  readonly tools: Tools;
  /** Stands between the keeper and the namespace; the trial kills it in the keeper's place. */
  readonly standIn?: readonly string[];
};

/** A namespace stands within milliseconds; a machine that needs longer than this is not one to start a service on. */
const STAND_MAX_MS = 10_000;
/** After this a program that cannot be told from our own tools counts as started. */
const SEEN_MAX_MS = 3_000;
const POLL_MS = 5;

export function namespaceLaunch(options: NamespaceOptions): Launch {
  return (program, onChange) => new NamespaceInstance(program, { ...options, onChange });
}

/** An instance whose stand-in can be killed as if it were the keeper. */
export type TrialInstance = Instance & { readonly loseKeeper: () => void };

export function launchTrial(
  program: Program,
  options: NamespaceOptions & { readonly standIn: readonly string[] },
): TrialInstance {
  return new NamespaceInstance(program, { ...options, onChange: () => {} });
}

class NamespaceInstance implements TrialInstance {
  readonly started: Instance['started'];
  readonly #options: NamespaceOptions & { readonly onChange: () => void };
  /** `unshare`, whose only child is the first process of the namespace. */
  readonly #outer: ChildProcess;
  #first: ProcessIdentity | null = null;
  #namespace: string | null = null;
  /** `nsenter`, which ends as the program does. */
  #entry: ChildProcess | null = null;
  #main: ProcessIdentity | null = null;
  #exit: MainExit | null = null;
  #isKilled = false;

  constructor(program: Program, options: NamespaceOptions & { readonly onChange: () => void }) {
    this.#options = options;
    this.#outer = startFirstProcess(options.tools, options.standIn);
    // Whoever holds the namespace together is gone: nothing can be left in it.
    this.#outer.on('exit', options.onChange);
    this.started = this.#start(program).catch((error: unknown) => this.#fail(String(error)));
  }

  mainPid(): number | null {
    return this.#exit === null ? (this.#main?.pid ?? null) : null;
  }

  mainExit(): MainExit | null {
    return this.#exit;
  }

  hasProcesses(): boolean {
    return this.#exit === null || this.#inside().length > 0;
  }

  terminate(): void {
    const targets = this.#main !== null && this.#exit === null ? [this.#main] : this.#inside();
    for (const target of targets) signalProcess(target, 'SIGTERM');
  }

  /**
   * With its first process dead the kernel kills all others, and no process can be born in the namespace any more. The kernel
   * waits for nsenter to take the end of the program, so nsenter is killed only before it has a child.
   */
  kill(): void {
    this.#isKilled = true;
    if (this.#first !== null) signalProcess(this.#first, 'SIGKILL');
    this.#outer.kill('SIGKILL');
    this.#outer.stdio[3]?.destroy();
    if (this.#entry === null || hasExited(this.#entry)) return;
    const isEmpty = this.#main === null && childOf(this.#entry.pid) === null;
    this.#entry.kill(isEmpty ? 'SIGKILL' : 'SIGCONT');
  }

  /** Only the stand-in dies; what is bound to it has to follow by itself. */
  loseKeeper(): void {
    this.#outer.kill('SIGKILL');
  }

  /** The first process becomes a zombie only after every other process of the namespace is gone. */
  isGone(): boolean {
    const isEntered = this.#entry === null || hasExited(this.#entry);
    return this.#isKilled && hasExited(this.#outer) && isEntered && (this.#first === null || !isAlive(this.#first));
  }

  /** nsenter stops itself when the program is stopped, and would never hear that somebody let the program go on. */
  tend(): void {
    const entry = this.#entry?.pid === undefined ? null : readProcess(this.#entry.pid);
    if (entry?.state !== 'T' || this.#main === null) return;
    if (readProcess(this.#main.pid)?.state !== 'T') signalProcess(entry, 'SIGCONT');
  }

  async #start(program: Program): Promise<Awaited<Instance['started']>> {
    const namespaceFd = await this.#openNamespace();
    if (namespaceFd === null) return this.#fail('no pid namespace could be made');
    try {
      this.#enter(program, namespaceFd);
      return await this.#awaitProgram();
    } finally {
      closeSync(namespaceFd);
    }
  }

  async #openNamespace(): Promise<number | null> {
    const own = pidNamespaceOf('self');
    const isHere = await this.#poll(STAND_MAX_MS, () => {
      this.#first = this.#outer.pid === undefined ? null : findInside(this.#outer.pid, own);
      return this.#first !== null || hasExited(this.#outer);
    });
    if (!isHere || this.#first === null || this.#isKilled) return null;
    const fd = openSync(`/proc/${this.#first.pid}/ns/pid`, 'r');
    this.#namespace = pidNamespaceOf(this.#first.pid);
    // Alive before and after: what was opened belongs to the process that we mean.
    if (isAlive(this.#first) && this.#namespace !== own) return fd;
    closeSync(fd);
    return null;
  }

  /** Through a path of the keeper, so that a keeper that has died in between leads nowhere. */
  #enter({ argv, cwd, env, logFd }: Program, namespaceFd: number): void {
    const { setpriv, nsenter, setsid } = this.#options.tools;
    const where = [`--pid=/proc/${process.pid}/fd/${namespaceFd}`, ...(cwd === null ? [] : [`--wd=${cwd}`])];
    // A stopped nsenter would never end by itself.
    const entry = startApart([setpriv, '--pdeathsig', 'KILL', nsenter, ...where, '--', setsid, '--', ...argv], {
      stdio: ['ignore', logFd, logFd],
      env,
    });
    this.#entry = entry;
    entry.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      this.#options.onChange();
    });
  }

  async #awaitProgram(): Promise<Awaited<Instance['started']>> {
    // What has no program has ended, and is not what was asked for.
    const ours = new Set<string | null>([this.#options.tools.nsenter, this.#options.tools.setsid, null]);
    await this.#poll(SEEN_MAX_MS, () => {
      const child = childOf(this.#entry?.pid);
      if (child !== null) this.#main = child;
      return this.#exit !== null || (child !== null && !ours.has(programOf(child.pid)));
    });
    if (this.#isKilled) return this.#fail('it was stopped before it had begun');
    const exit = this.#exit;
    if (exit !== null && exit.code !== 0) {
      const how = exit.signal ?? `exit code ${exit.code}`;
      return this.#fail(`it ended at once with ${how}; see the log of the service`);
    }
    return { kind: 'spawned', pid: this.#main?.pid ?? this.#entry?.pid ?? 0 };
  }

  /** Answers when nothing of it is left, so that `failed` never hides a process. */
  async #fail(reason: string): Promise<{ readonly kind: 'failed'; readonly reason: string }> {
    this.kill();
    await this.#poll(STAND_MAX_MS, () => {
      this.kill();
      return this.isGone();
    });
    this.#exit ??= { code: null, signal: 'SIGKILL' };
    return { kind: 'failed', reason: `Cannot start the program: ${reason}` };
  }

  #inside(): readonly ProcessIdentity[] {
    if (this.#namespace === null) return [];
    return listProcesses().filter(
      ({ pid, parentPid }) =>
        pid !== this.#first?.pid &&
        pidNamespaceOf(pid) === this.#namespace &&
        !(parentPid === this.#first?.pid && commandLineOf(pid)?.endsWith(WAITER)),
    );
  }

  async #poll(maxMs: number, isDone: () => boolean): Promise<boolean> {
    const { clock } = this.#options;
    const untilMonoMs = clock.monotonicMs() + maxMs;
    const signal = new AbortController().signal;
    for (;;) {
      if (isDone()) return true;
      if (clock.monotonicMs() >= untilMonoMs) return false;
      await clock.sleep(POLL_MS, { signal });
    }
  }
}
