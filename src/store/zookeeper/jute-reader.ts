// Reads the fields of ZooKeeper's serialisation (jute) from one frame. Strict: a length or a text that cannot be is an
// error, never a guess, and no count makes it loop longer than the frame is.
import { JuteError } from './jute-error.ts';

/** The shortest element of any list is the length of an empty text. */
const ELEMENT_BYTES_MIN = 4;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class JuteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  int(): number {
    return this.#bytes.readInt32BE(this.#take(4));
  }

  long(): bigint {
    return this.#bytes.readBigInt64BE(this.#take(8));
  }

  /** A long that must be a number of JavaScript, such as a time in milliseconds. */
  safeLong(): number {
    const value = Number(this.long());
    if (!Number.isSafeInteger(value)) throw new JuteError(`a number is out of range, value was ${value}`);
    return value;
  }

  boolean(): boolean {
    const value = this.#bytes.readUInt8(this.#take(1));
    if (value > 1) throw new JuteError(`a boolean is neither 0 nor 1, value was ${value}`);
    return value === 1;
  }

  /** Absent bytes are read as empty ones: nothing here tells them apart. */
  bytes(): Buffer {
    const length = this.int();
    if (length === -1) return Buffer.alloc(0);
    if (length < 0 || length > this.remaining) throw new JuteError(`a length cannot be, value was ${length}`);
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  text(): string {
    return decodeUtf8(this.bytes());
  }

  texts(): readonly string[] {
    const count = this.int();
    if (count === -1) return [];
    if (count < 0 || count > this.remaining / ELEMENT_BYTES_MIN) {
      throw new JuteError(`a count cannot be, value was ${count}`);
    }
    return Array.from({ length: count }, () => this.text());
  }

  /** Throws when something follows that nobody asked for. */
  end(): void {
    if (this.remaining > 0) throw new JuteError(`a frame is longer than its content, by ${this.remaining} bytes`);
  }

  #take(count: number): number {
    if (count > this.remaining) throw new JuteError(`a frame ends early, ${count - this.remaining} bytes are missing`);
    const start = this.#at;
    this.#at += count;
    return start;
  }
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    // The decoder's own error says nothing more.
    throw new JuteError('a text is not UTF-8');
  }
}
