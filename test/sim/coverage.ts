// What the runs have met, counted so that runs can be added up: operations by end, effects by result, faults by kind, and in
// which phase of an operation each kind of fault fell.

export type Totals = Readonly<Record<string, Readonly<Record<string, number>>>>;
type Group = 'operation' | 'effect' | 'fate' | 'command' | 'fault' | 'cell';

export class Coverage {
  readonly #totals: Record<string, Record<string, number>> = {};

  get totals(): Totals {
    return this.#totals;
  }

  count(group: Group, what: string, times = 1): void {
    const counts = this.#totals[group] ?? {};
    this.#totals[group] = counts;
    counts[what] = (counts[what] ?? 0) + times;
  }

  /** A fault that began while operations were in these phases. */
  fault(kind: string, phases: readonly string[]): void {
    this.count('fault', kind);
    for (const phase of phases) this.count('cell', `${phase} x ${kind}`);
  }
}

export function addTotals(sum: Record<string, Record<string, number>>, more: Totals): void {
  for (const [group, counts] of Object.entries(more)) {
    const into = sum[group] ?? {};
    sum[group] = into;
    for (const [what, count] of Object.entries(counts)) into[what] = (into[what] ?? 0) + count;
  }
}
