// What a provider was asked since the last reset: how often, and when first.

export class Asked {
  readonly #nowMs: () => number;
  #count = 0;
  #firstMs: number | null = null;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly one = (): void => {
    this.#firstMs ??= this.#nowMs();
    this.#count += 1;
  };

  /** Ends the count that ran, and begins the next. */
  reset(): { readonly count: number; readonly firstMs: number | null } {
    const ended = { count: this.#count, firstMs: this.#firstMs };
    this.#count = 0;
    this.#firstMs = null;
    return ended;
  }
}
