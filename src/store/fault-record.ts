// Remembers whether the store answers, for `health()`. Reading and writing fail apart: a file that another process keeps
// locked can still be read, and a success of one kind says nothing about the other.
import type { Clock } from '../base/clock.ts';
import type { OneupError } from '../base/oneup-error.ts';
import type { StoreHealth } from '../ports/store.ts';

export type Door = 'read' | 'write';

type Fault = { readonly sinceMonoMs: number; readonly error: OneupError };

export class FaultRecord {
  readonly #clock: Clock;
  readonly #faults: Record<Door, Fault | null> = { read: null, write: null };
  #lastSuccessMonoMs: number;
  #readBreaks = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastSuccessMonoMs = clock.monotonicMs();
  }

  succeeded(door: Door): void {
    this.#faults[door] = null;
    this.#lastSuccessMonoMs = this.#clock.monotonicMs();
  }

  failed(door: Door, error: OneupError): void {
    if (door === 'read' && this.#faults.read === null) this.#readBreaks++;
    const sinceMonoMs = this.#faults[door]?.sinceMonoMs ?? this.#clock.monotonicMs();
    this.#faults[door] = { sinceMonoMs, error };
  }

  isFailing(door: Door): boolean {
    return this.#faults[door] !== null;
  }

  /** How often reading stopped working so far: a watch compares two readings of it (S6). */
  readBreaks(): number {
    return this.#readBreaks;
  }

  health(): StoreHealth {
    const { read, write } = this.#faults;
    const fault = read ?? write;
    if (fault === null) return { kind: 'reachable', lastSuccessMonoMs: this.#lastSuccessMonoMs };
    const sinceMonoMs = Math.min(fault.sinceMonoMs, write?.sinceMonoMs ?? fault.sinceMonoMs);
    return { kind: 'lost', sinceMonoMs, code: fault.error.code, reason: fault.error.message };
  }
}
