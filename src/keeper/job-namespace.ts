// An empty pid namespace for one command of run-if-active: the keeper makes it, the one that asked brings the command in, and
// whatever the command ever starts is killed by killing the first process. It dies with the keeper as that of a service does (S16).
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Tools } from './find-tools.ts';
import { findInside, hasExited, startFirstProcess, WAITER } from './first-process.ts';
import type { Room } from './kept-room.ts';
import {
  commandLineOf,
  isAlive,
  listProcesses,
  type ProcessIdentity,
  pidNamespaceOf,
  signalProcess,
} from './process-table.ts';

/** As for a service: a machine that needs longer is not one to start anything on. */
const STAND_MAX_MS = 10_000;
const POLL_MS = 5;

export type JobNamespaceOptions = { readonly clock: Clock; readonly tools: Tools; readonly onChange: () => void };

export class JobNamespace implements Room {
  readonly path: Promise<string | null>;
  readonly #options: JobNamespaceOptions;
  readonly #outer: ChildProcess;
  #first: ProcessIdentity | null = null;
  #fd: number | null = null;
  #isKilled = false;

  constructor(options: JobNamespaceOptions) {
    this.#options = options;
    this.#outer = startFirstProcess(options.tools);
    this.#outer.on('exit', options.onChange);
    this.path = this.#stand().catch(() => null);
  }

  /** SIGTERM to every process but the first and the one that waits for the keeper's end beside it. */
  terminate(): void {
    const first = this.#first;
    if (first === null) return;
    const namespace = pidNamespaceOf(first.pid);
    const inside = listProcesses().filter(({ pid }) => pid !== first.pid && pidNamespaceOf(pid) === namespace);
    for (const stat of inside) {
      const isWaiter = stat.parentPid === first.pid && commandLineOf(stat.pid)?.endsWith(WAITER);
      if (!isWaiter) signalProcess(stat, 'SIGTERM');
    }
  }

  kill(): void {
    this.#isKilled = true;
    if (this.#first !== null) signalProcess(this.#first, 'SIGKILL');
    this.#outer.kill('SIGKILL');
    this.#outer.stdio[3]?.destroy();
  }

  /** The first process becomes a zombie only after every other process of the namespace is gone. */
  isGone(): boolean {
    return this.#isKilled && hasExited(this.#outer) && (this.#first === null || !isAlive(this.#first));
  }

  /** Until then the number of the file means this namespace to whoever was told it. */
  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  async #stand(): Promise<string | null> {
    const { clock } = this.#options;
    const own = pidNamespaceOf('self');
    const untilMonoMs = clock.monotonicMs() + STAND_MAX_MS;
    while (this.#first === null) {
      if (this.#isKilled || hasExited(this.#outer) || clock.monotonicMs() >= untilMonoMs) return null;
      this.#first = this.#outer.pid === undefined ? null : findInside(this.#outer.pid, own);
      if (this.#first === null) await clock.sleep(POLL_MS, { signal: new AbortController().signal });
    }
    this.#fd = openSync(`/proc/${this.#first.pid}/ns/pid`, 'r');
    // Alive before and after: what was opened belongs to the process that we mean.
    const isOurs = isAlive(this.#first) && pidNamespaceOf(this.#first.pid) !== own;
    return isOurs && !this.#isKilled ? `/proc/${process.pid}/fd/${this.#fd}` : null;
  }
}
