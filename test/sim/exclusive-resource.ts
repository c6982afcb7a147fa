// What may have one holder at any instant (I1): it keeps a log of who took it and who let it go, and says when two hold it.

export type Taking = { readonly atMs: number; readonly node: string; readonly what: 'take' | 'release' };

export class ExclusiveResource {
  readonly log: Taking[] = [];
  readonly #holders = new Set<string>();

  /** The node that holds it already, if another one does. */
  take(node: string, atMs: number): string | null {
    this.log.push({ atMs, node, what: 'take' });
    const other = [...this.#holders].find((holder) => holder !== node) ?? null;
    this.#holders.add(node);
    return other;
  }

  release(node: string, atMs: number): void {
    if (this.#holders.delete(node)) this.log.push({ atMs, node, what: 'release' });
  }

  isHeldBy(node: string): boolean {
    return this.#holders.has(node);
  }
}
