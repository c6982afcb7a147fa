// Keeps what the members said for a moment, so that many who ask for the status at once are one question to each member.
import type { Clock } from '../base/clock.ts';
import type { StoreMember } from '../ports/store-member.ts';

const KEPT_MS = 2_000;

export class MemberCache {
  readonly #clock: Clock;
  readonly #ask: () => Promise<readonly StoreMember[]>;
  #asked: Promise<readonly StoreMember[]> | null = null;
  /** Null while the question is under way. */
  #keptUntilMonoMs: number | null = null;

  constructor({ clock, ask }: { readonly clock: Clock; readonly ask: () => Promise<readonly StoreMember[]> }) {
    this.#clock = clock;
    this.#ask = ask;
  }

  /** Rejects as `ask` does; a rejection is not kept. */
  members(): Promise<readonly StoreMember[]> {
    const isOver = this.#keptUntilMonoMs !== null && this.#clock.monotonicMs() >= this.#keptUntilMonoMs;
    if (this.#asked !== null && !isOver) return this.#asked;
    this.#keptUntilMonoMs = null;
    this.#asked = this.#ask().then(
      (members) => {
        this.#keptUntilMonoMs = this.#clock.monotonicMs() + KEPT_MS;
        return members;
      },
      (error: unknown) => {
        this.#asked = null;
        throw error;
      },
    );
    return this.#asked;
  }
}
