// Entries in key order, so that what lies under a prefix is found without looking at the rest: a cluster with a thousand
// services lists the observations of one of them many times a second.
import type { StoreEntry } from '../ports/store.ts';

export class SortedEntries {
  readonly #entries = new Map<string, StoreEntry>();
  #keys: string[] = [];

  get(key: string): StoreEntry | undefined {
    return this.#entries.get(key);
  }

  set(entry: StoreEntry): void {
    if (!this.#entries.has(entry.key)) this.#keys.splice(this.#from(entry.key), 0, entry.key);
    this.#entries.set(entry.key, entry);
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#keys.splice(this.#from(key), 1);
  }

  /** Takes these in place of all that were there. */
  replace(entries: readonly StoreEntry[]): void {
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entry.key, entry);
    this.#keys = [...this.#entries.keys()].sort();
  }

  /** Entries whose keys begin with the prefix, in key order. */
  list(prefix: string): readonly StoreEntry[] {
    const found: StoreEntry[] = [];
    for (let at = this.#from(prefix); at < this.#keys.length; at += 1) {
      const key = this.#keys[at] as string;
      if (!key.startsWith(prefix)) break;
      found.push(this.#entries.get(key) as StoreEntry);
    }
    return found;
  }

  /** Where the first key lies that is not before this one. */
  #from(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] as string) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
