// Decides which sessions have ended, from their beats alone (S5). It never asks whether a holder is reachable, and never
// compares clocks: only how long this observer has looked at an unchanged beat, on its own monotonic clock (S2).
import { type ClockBounds, waitForPeriodMs } from '../base/clock-bounds.ts';
import type { SessionRow } from './store-backend.ts';

type Sighting = { readonly row: SessionRow; readonly sinceMonoMs: number };

export class BeatObserver {
  readonly #bounds: ClockBounds;
  /** Mirrors the sessions of the store, so it is as bounded as they are. */
  #sightings: ReadonlyMap<string, Sighting> = new Map();

  constructor(bounds: ClockBounds) {
    this.#bounds = bounds;
  }

  /**
   * Takes in the sessions as just read. `nowMonoMs` must be read *after* them: a beat seen now may have been raised right
   * before the read, and time that passed earlier must not count towards its end (S3).
   */
  note(rows: readonly SessionRow[], nowMonoMs: number): void {
    const sightings = new Map<string, Sighting>();
    for (const row of rows) {
      const before = this.#sightings.get(row.id);
      const isUnchanged = before?.row.incarnation === row.incarnation && before.row.beat === row.beat;
      sightings.set(row.id, isUnchanged ? before : { row, sinceMonoMs: nowMonoMs });
    }
    this.#sightings = sightings;
  }

  /** Sessions seen unchanged for longer than their holders may act (S2). To be removed only while the beat still stands. */
  overdue(nowMonoMs: number): readonly SessionRow[] {
    const ended: SessionRow[] = [];
    for (const { row, sinceMonoMs } of this.#sightings.values()) {
      if (nowMonoMs - sinceMonoMs >= waitForPeriodMs(row.ttlMs, this.#bounds)) ended.push(row);
    }
    return ended;
  }
}
