// The clocks of a simulated process. Machines count at their own rate; a suspended machine stands still but for its boot and
// wall clocks (S2); a stopped process does nothing while its clocks go on.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { VirtualTime } from './virtual-time.ts';

export type Entry = {
  dueMs: number;
  readonly order: number;
  readonly owner: SimClock;
  readonly fire: () => void;
  /** How long the machine had been suspended in all when the entry was queued. */
  suspendedMs: number;
  isStopped: boolean;
};

/** 2026-01-01T00:00:00Z. */
const WALL_MS = 1_767_225_600_000;
/** Keeps a timer from firing a rounding error too early on a clock that is not exact. */
const ROUNDING_MS = 1e-6;

/** What all processes of one machine have in common. */
export class SimMachine {
  readonly rate: number;
  /** Reading of the monotonic clock at true time zero: no two machines agree on it. */
  readonly offsetMs: number;
  wallShiftMs = 0;
  suspendedMs = 0;
  suspendedAtMs: number | null = null;
  readonly held: Entry[] = [];

  constructor({ rate = 1, offsetMs = 0 }: { readonly rate?: number; readonly offsetMs?: number } = {}) {
    this.rate = rate;
    this.offsetMs = offsetMs;
  }

  suspend(time: VirtualTime): void {
    this.suspendedAtMs ??= time.nowMs;
  }

  wake(time: VirtualTime): void {
    if (this.suspendedAtMs === null) return;
    this.suspendedMs += time.nowMs - this.suspendedAtMs;
    this.suspendedAtMs = null;
    for (const entry of this.held.splice(0)) time.put(entry);
  }
}

export class SimClock implements Clock {
  readonly machine: SimMachine;
  readonly #time: VirtualTime;
  readonly #held: Entry[] = [];
  #state: 'running' | 'stopped' | 'dead' = 'running';

  constructor(time: VirtualTime, machine: SimMachine) {
    this.#time = time;
    this.machine = machine;
  }

  readonly monotonicMs = (): number => {
    const { offsetMs, rate, suspendedMs, suspendedAtMs } = this.machine;
    const asleepMs = suspendedMs + (suspendedAtMs === null ? 0 : this.#time.nowMs - suspendedAtMs);
    return offsetMs + (this.#time.nowMs - asleepMs) * rate;
  };

  readonly bootMs = (): number => this.machine.offsetMs + this.#time.nowMs * this.machine.rate;

  readonly wallMs = (): number => Math.floor(WALL_MS + this.#time.nowMs * this.machine.rate + this.machine.wallShiftMs);

  readonly timer = (ms: number, fire: () => void): Timer => {
    const { rate, suspendedMs } = this.machine;
    const trueMs = rate === 1 ? ms : ms / rate + ROUNDING_MS;
    const dueMs = this.#time.nowMs + Math.max(0, trueMs);
    const entry = this.#time.add({ dueMs, owner: this, fire, suspendedMs, isStopped: false });
    return {
      stop: () => {
        entry.isStopped = true;
      },
    };
  };

  readonly sleep = (ms: number, { signal }: { readonly signal: AbortSignal }): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = () => {
        timer.stop();
        reject(signal.reason);
      };
      const timer = this.timer(ms, () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      signal.addEventListener('abort', onAbort, { once: true });
    });

  get state(): 'running' | 'stopped' | 'suspended' | 'dead' {
    return this.#state === 'running' && this.machine.suspendedAtMs !== null ? 'suspended' : this.#state;
  }

  /** SIGSTOP: nothing of this process fires until `resume`, then everything that is overdue. */
  stop(): void {
    if (this.#state === 'running') this.#state = 'stopped';
  }

  resume(): void {
    if (this.#state !== 'stopped') return;
    this.#state = 'running';
    for (const entry of this.#held.splice(0)) this.#time.put(entry);
  }

  /** SIGKILL: nothing of this process ever fires again. */
  kill(): void {
    this.#state = 'dead';
    this.#held.length = 0;
  }

  /** Whether a timer that is due fires now; it is kept or put off where it does not. */
  mayFire(entry: Entry): boolean {
    if (entry.isStopped || this.#state === 'dead') return false;
    if (this.machine.suspendedAtMs !== null) {
      this.machine.held.push(entry);
      return false;
    }
    const sleptMs = this.machine.suspendedMs - entry.suspendedMs;
    if (sleptMs > 0) {
      entry.dueMs += sleptMs;
      entry.suspendedMs = this.machine.suspendedMs;
      this.#time.put(entry);
      return false;
    }
    if (this.#state === 'stopped') {
      this.#held.push(entry);
      return false;
    }
    return true;
  }
}
