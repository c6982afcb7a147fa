// Keeps the last bytes of an endless output in a fixed amount of memory, so that a script that prints for ever costs nothing.

/** What evidence keeps of an output: enough for the last error message, little enough for a journal record. */
export const OUTPUT_TAIL_BYTES = 4_096;

export class OutputTail {
  readonly #bytes = new Uint8Array(OUTPUT_TAIL_BYTES);
  #written = 0;

  /** Takes a chunk of any length; it is copied, not kept. */
  write(chunk: Uint8Array): void {
    const skipped = Math.max(0, chunk.length - OUTPUT_TAIL_BYTES);
    const kept = chunk.subarray(skipped);
    this.#written += skipped;
    const at = this.#written % OUTPUT_TAIL_BYTES;
    const untilWrap = Math.min(kept.length, OUTPUT_TAIL_BYTES - at);
    this.#bytes.set(kept.subarray(0, untilWrap), at);
    this.#bytes.set(kept.subarray(untilWrap), 0);
    this.#written += kept.length;
  }

  /** Whether earlier bytes were dropped. */
  get isCut(): boolean {
    return this.#written > OUTPUT_TAIL_BYTES;
  }

  /** The kept bytes as UTF-8; a character cut in half at the front becomes U+FFFD. */
  text(): string {
    const end = this.#written % OUTPUT_TAIL_BYTES;
    const decoder = new TextDecoder();
    if (!this.isCut) return decoder.decode(this.#bytes.subarray(0, this.#written));
    const ordered = new Uint8Array(OUTPUT_TAIL_BYTES);
    ordered.set(this.#bytes.subarray(end), 0);
    ordered.set(this.#bytes.subarray(0, end), OUTPUT_TAIL_BYTES - end);
    return decoder.decode(ordered);
  }
}
