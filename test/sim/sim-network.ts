// Who hears whom. Machines are named by their process or node, the store is `store`, the DNS provider `dns`. A cut holds one
// direction of a link; several may hold the same one, and it is open again when all of them have ended.

export type Link = readonly [from: string, to: string];

export class SimNetwork {
  readonly #cuts = new Set<ReadonlySet<string>>();

  carries(from: string, to: string): boolean {
    if (this.#cuts.size === 0) return true;
    const name = `${from}>${to}`;
    for (const cut of this.#cuts) if (cut.has(name)) return false;
    return true;
  }

  /** Cuts these directions until the function that is returned is called. */
  cut(links: readonly Link[]): () => void {
    const names = new Set(links.map(([from, to]) => `${from}>${to}`));
    this.#cuts.add(names);
    return () => void this.#cuts.delete(names);
  }

  heal(): void {
    this.#cuts.clear();
  }
}

/** Both directions between every one of `some` and every one of `others`. */
export function bothWays(some: readonly string[], others: readonly string[]): readonly Link[] {
  return some.flatMap((one) =>
    others.flatMap((other): readonly Link[] =>
      one === other
        ? []
        : [
            [one, other],
            [other, one],
          ],
    ),
  );
}
