// Cuts the stream of a connection into frames: four bytes of length, then that many bytes. A frame never takes more memory
// than what has arrived of it, whatever length it announces.
import { JuteError } from './jute-error.ts';

/** The list of all keys of a very large cluster; nothing else comes near it. */
const FRAME_BYTES_MAX = 64 * 1024 * 1024;
const PREFIX_BYTES = 4;

export class FrameSplitter {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #held = 0;

  constructor(bytesMax: number = FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** The frames that `chunk` completes. Throws JuteError for a length that cannot be; then the stream is of no use. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: Buffer[] = [];
    for (let length = this.#nextLength(); length !== null; length = this.#nextLength()) {
      if (this.#held < PREFIX_BYTES + length) break;
      frames.push(this.#cut(PREFIX_BYTES + length).subarray(PREFIX_BYTES));
    }
    return frames;
  }

  #nextLength(): number | null {
    if (this.#held < PREFIX_BYTES) return null;
    const first = this.#chunks[0] as Buffer;
    // A prefix that arrived in pieces is rare: only then are the pieces put together before the frame is whole.
    if (first.length < PREFIX_BYTES) this.#chunks = [Buffer.concat(this.#chunks)];
    const length = (this.#chunks[0] as Buffer).readInt32BE(0);
    if (length < 0 || length > this.#bytesMax) throw new JuteError(`a frame has a length of ${length} bytes`);
    return length;
  }

  #cut(count: number): Buffer {
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#held -= count;
    this.#chunks = this.#held === 0 ? [] : [whole.subarray(count)];
    return whole.subarray(0, count);
  }
}
