// For how long answers given before may live on (S31): every swap of a name's data leaves answers in resolvers that expire one
// old TTL later. Only answers with other values matter; the same values under another TTL are still right.
import type { Rrset } from '../dns/rrset.ts';

type Published = { readonly rrset: Rrset; readonly validUntilMonoMs: number };

/** Data replaced earlier than any TTL can last is forgotten; the number bounds a name that changes in a tight loop. */
const REPLACED_MAX = 256;

export class DrainTracker {
  /** What was given before this process began is not known, so it counts as other values until then. */
  readonly #unknownUntilMonoMs: number;
  #current: Rrset | null = null;
  #replaced: readonly Published[] = [];

  constructor({ unknownUntilMonoMs = 0 }: { readonly unknownUntilMonoMs?: number } = {}) {
    this.#unknownUntilMonoMs = unknownUntilMonoMs;
  }

  /** Takes new data of the name in at `nowMonoMs`; null when the name is gone. Returns whether values or TTL changed. */
  publish(next: Rrset | null, nowMonoMs: number): boolean {
    const before = this.#current;
    if (before !== null && next !== null && isSame(before, next)) return false;
    if (before !== null) {
      const replaced = { rrset: before, validUntilMonoMs: nowMonoMs + before.ttlSeconds * 1_000 };
      this.#replaced = [...this.#replaced, replaced]
        .filter((old) => old.validUntilMonoMs > nowMonoMs)
        .slice(-REPLACED_MAX);
    }
    this.#current = next;
    return true;
  }

  /** Milliseconds until the last answer with values other than the present ones has expired. */
  drainMs(nowMonoMs: number): number {
    const present = this.#current;
    const others = this.#replaced.filter((old) => present === null || !hasSameValues(old.rrset, present));
    return Math.max(0, this.#unknownUntilMonoMs - nowMonoMs, ...others.map((old) => old.validUntilMonoMs - nowMonoMs));
  }
}

function isSame(a: Rrset, b: Rrset): boolean {
  return a.ttlSeconds === b.ttlSeconds && hasSameValues(a, b);
}

function hasSameValues(a: Rrset, b: Rrset): boolean {
  return a.values.length === b.values.length && a.values.every((value) => b.values.includes(value));
}
