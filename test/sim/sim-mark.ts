// The high-water mark of a simulated prober: compared with what the store shows by the real comparison, and raised by it (S4).
import { parseTerm } from '../../src/controller/term-record.ts';
import { compareWithStore, type HighWaterMark, raiseMark } from '../../src/store/high-water-mark.ts';

export const GENERATION = { number: 1, id: 'first' } as const;

export class SimMark {
  #mark: HighWaterMark | null = null;

  /** `ok` and the mark is raised; or why this is not the store that was known. */
  compare(revision: number, term: string | undefined, services: readonly (readonly [string, string])[]): string {
    const epochs = services.map(([id, value]) => [id, (JSON.parse(value) as { epoch: number }).epoch] as const);
    const seen: HighWaterMark = {
      generation: GENERATION,
      revision,
      term: parseTerm(term).term,
      epochs: Object.fromEntries(epochs),
    };
    const compared = compareWithStore(this.#mark, seen);
    if (compared.kind !== 'ok') return compared.reason;
    this.#mark = raiseMark(this.#mark, seen);
    return 'ok';
  }
}
