// Whether this process may vote at all: its session depends on the event loop alone, and is not renewed when the loop lags or
// no check completes (S23).
import type { Clock } from '../base/clock.ts';

export type FitnessOptions = {
  readonly clock: Clock;
  readonly sessionTtlMs: number;
  /** Longest interval or timeout of any check; zero when there is no check. */
  readonly slowestRoundMs: number;
  readonly signal: AbortSignal;
  readonly onChange: (isFit: boolean, reason: string) => void;
};

/** S23: no check completing in this many of the slowest rounds means that the prober sees nothing. */
const SILENT_ROUNDS = 3;
const LOOKS_PER_TTL = 20;

export class Fitness {
  readonly #options: FitnessOptions;
  #lastRoundMonoMs: number;
  #isFit = true;

  constructor(options: FitnessOptions) {
    this.#options = options;
    this.#lastRoundMonoMs = options.clock.monotonicMs();
  }

  get isFit(): boolean {
    return this.#isFit;
  }

  roundCompleted(): void {
    this.#lastRoundMonoMs = this.#options.clock.monotonicMs();
  }

  start(): void {
    this.#next(this.#options.clock.monotonicMs());
  }

  #next(askedAtMonoMs: number): void {
    const { clock, sessionTtlMs, signal } = this.#options;
    const everyMs = Math.max(10, Math.floor(sessionTtlMs / LOOKS_PER_TTL));
    clock.timer(everyMs, () => {
      if (signal.aborted) return;
      const nowMonoMs = clock.monotonicMs();
      this.#judge(nowMonoMs - askedAtMonoMs - everyMs, nowMonoMs);
      this.#next(nowMonoMs);
    });
  }

  #judge(lagMs: number, nowMonoMs: number): void {
    const { sessionTtlMs, slowestRoundMs, onChange } = this.#options;
    const isLagging = lagMs > sessionTtlMs / 5;
    const isSilent = slowestRoundMs > 0 && nowMonoMs - this.#lastRoundMonoMs > SILENT_ROUNDS * slowestRoundMs;
    const isFit = !isLagging && !isSilent;
    if (isFit === this.#isFit) return;
    this.#isFit = isFit;
    onChange(
      isFit,
      isLagging ? `the event loop lags by ${Math.round(lagMs)} ms` : isSilent ? 'no check completes' : 'fit again',
    );
  }
}
