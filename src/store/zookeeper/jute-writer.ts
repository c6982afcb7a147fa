// Writes the fields of ZooKeeper's serialisation (jute): big-endian integers, and texts and bytes behind their length.

const FIRST_BYTES = 256;
/** Stands for "no text" and "no bytes", where a length is expected. */
const ABSENT = -1;

export class JuteWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  int(value: number): this {
    this.#reserve(4);
    this.#length = this.#bytes.writeInt32BE(value, this.#length);
    return this;
  }

  long(value: bigint): this {
    this.#reserve(8);
    this.#length = this.#bytes.writeBigInt64BE(value, this.#length);
    return this;
  }

  boolean(value: boolean): this {
    this.#reserve(1);
    this.#length = this.#bytes.writeUInt8(value ? 1 : 0, this.#length);
    return this;
  }

  bytes(value: Uint8Array | null): this {
    if (value === null) return this.int(ABSENT);
    this.int(value.length);
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  /** Everything written so far. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The same behind its length, as it goes over the wire. */
  finishFrame(): Buffer {
    const frame = Buffer.alloc(4 + this.#length);
    frame.writeInt32BE(this.#length, 0);
    this.#bytes.copy(frame, 4, 0, this.#length);
    return frame;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
