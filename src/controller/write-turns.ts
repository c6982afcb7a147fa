// In which order the writes of many services reach one provider: a few at once, failovers first, then rollbacks, then what only
// keeps TTLs in order. Thirty services that move together must not be answered with "too many requests".

import type { Clock, Timer } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import { CALL_PRIORITIES, type CallPriority } from '../plan/call-budget.ts';

/** Enough to have thirty services written within seconds, far below what any provider calls too much at once. */
const WRITES_AT_ONCE = 4;
/** People hear of a line behind a provider that is silent; the write joins it again. */
const TURN_WAIT_MAX_MS = 60_000;

type Enter = (leave: () => void) => void;

export type WantedTurn = {
  readonly service: ServiceId;
  readonly priority: CallPriority;
  /** Called with what ends the turn. */
  readonly enter: Enter;
  /** It has waited too long, or is not wanted any more. */
  readonly leaveLine: (why: 'late' | 'unwanted') => void;
};
type Waiting = WantedTurn & { readonly timer: Timer };

/** After it has said "too many requests" a provider gets its writes one by one for so long. */
const SLOW_FOR_MS = 15_000;

/** Of one provider and one term. At most one write of each service waits here, which bounds it. */
export class WriteTurns {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #inside = 0;
  #slow = { spacingMs: 0, untilMonoMs: 0 };
  #lastMonoMs = 0;
  #wake: Timer | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Enters at once where there is room. */
  queue(wanted: WantedTurn): void {
    const giveUp = () => {
      if (this.#waiting.delete(waiting)) wanted.leaveLine('late');
    };
    const waiting: Waiting = { ...wanted, timer: this.#clock.timer(TURN_WAIT_MAX_MS, giveUp) };
    this.#waiting.add(waiting);
    this.#admit();
  }

  /** What a service does not want any more would be a wrong answer, and keeps its next write waiting (S28). */
  drop(service: ServiceId): void {
    for (const waiting of this.#waiting) {
      if (waiting.service !== service) continue;
      this.#waiting.delete(waiting);
      waiting.timer.stop();
      waiting.leaveLine('unwanted');
    }
  }

  /** The term is over: what waits was not sent, and holds nobody up. */
  clear(): void {
    for (const { service } of [...this.#waiting]) this.drop(service);
  }

  /** From now on writes begin at least so far apart, until the provider has had time to forget. */
  slowDown(spacingMs: number): void {
    this.#slow = { spacingMs, untilMonoMs: this.#clock.monotonicMs() + SLOW_FOR_MS };
  }

  #admit(): void {
    const next = this.#first();
    if (next === null || this.#inside >= WRITES_AT_ONCE) return;
    const waitMs = this.#spacingLeftMs();
    if (waitMs > 0) {
      this.#wake ??= this.#clock.timer(waitMs, () => {
        this.#wake = null;
        this.#admit();
      });
      return;
    }
    this.#waiting.delete(next);
    next.timer.stop();
    this.#lastMonoMs = this.#clock.monotonicMs();
    this.#inside += 1;
    let isInside = true;
    next.enter(() => {
      if (!isInside) return;
      isInside = false;
      this.#inside -= 1;
      this.#admit();
    });
    this.#admit();
  }

  #spacingLeftMs(): number {
    const nowMonoMs = this.#clock.monotonicMs();
    // A budget of few calls in an hour has a spacing far above the time for which it holds.
    return Math.min(this.#lastMonoMs + this.#slow.spacingMs, this.#slow.untilMonoMs) - nowMonoMs;
  }

  #first(): Waiting | null {
    for (const priority of CALL_PRIORITIES) {
      for (const waiting of this.#waiting) if (waiting.priority === priority) return waiting;
    }
    return null;
  }
}
