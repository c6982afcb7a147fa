// Who wants to hear of which keys. A change is looked up by the key itself and by the folders above it, so that it costs the
// depth of the key and not the number of listeners: a cluster with a thousand services has some thousands of them.

type Listener = { readonly number: number; readonly call: () => void };

export class ChangeListeners {
  readonly #byPrefix = new Map<string, Set<Listener>>();
  #lastNumber = 0;

  /** `prefix` is a folder, which ends with a slash, or one whole key. Returns how to stop. */
  add(prefix: string, call: () => void): () => void {
    this.#lastNumber += 1;
    const listener = { number: this.#lastNumber, call };
    const there = this.#byPrefix.get(prefix) ?? new Set();
    this.#byPrefix.set(prefix, there.add(listener));
    return () => {
      there.delete(listener);
      if (there.size === 0 && this.#byPrefix.get(prefix) === there) this.#byPrefix.delete(prefix);
    };
  }

  /** Calls each listener that any of these keys touches once, in the order in which they were added. */
  tell(keys: readonly string[]): void {
    const touched = new Set<Listener>();
    for (const key of keys) {
      for (const prefix of prefixesOf(key)) {
        for (const listener of this.#byPrefix.get(prefix) ?? []) touched.add(listener);
      }
    }
    for (const listener of [...touched].sort((a, b) => a.number - b.number)) listener.call();
  }
}

/** The folders above a key, and the key. */
function prefixesOf(key: string): readonly string[] {
  const prefixes: string[] = [];
  for (let at = key.indexOf('/'); at >= 0; at = key.indexOf('/', at + 1)) prefixes.push(key.slice(0, at + 1));
  if (prefixes.at(-1) !== key) prefixes.push(key);
  return prefixes;
}
