// Measures the phases of one check: each begins where the one before ended, and a phase that never ended has no time.
import type { Clock } from '../base/clock.ts';
import type { CheckPhase, PhaseTimes } from '../health/probe-result.ts';

export class PhaseTimer {
  readonly #clock: Clock;
  readonly #times: { -readonly [phase in CheckPhase]?: number } = {};
  #beganMonoMs: number;
  #phase: CheckPhase;

  constructor(clock: Clock, first: CheckPhase) {
    this.#clock = clock;
    this.#phase = first;
    this.#beganMonoMs = clock.monotonicMs();
  }

  /** The phase under way: the one to blame when the check fails now. */
  get phase(): CheckPhase {
    return this.#phase;
  }

  /** Ends the phase under way and begins `next`. */
  begin(next: CheckPhase): void {
    this.end();
    this.#phase = next;
  }

  /** Notes how long the phase under way has taken. */
  end(): void {
    const nowMonoMs = this.#clock.monotonicMs();
    this.#times[this.#phase] = nowMonoMs - this.#beganMonoMs;
    this.#beganMonoMs = nowMonoMs;
  }

  times(): PhaseTimes {
    return Object.freeze({ ...this.#times });
  }
}
