// Reads a name out of a message, following compression pointers (RFC 1035 section 4.1.4). The work is bounded twice:
// a pointer must go back before everything read so far, and the name must not pass 255 octets.
import { err, ok, type Result } from '../base/result.ts';
import { LABEL_MAX_OCTETS, NAME_MAX_OCTETS } from './domain-name.ts';

export type NameRead = {
  /** Uncompressed, letter case as it was. */
  readonly wire: Uint8Array;
  /** Position after the name where it was met, not where pointers led. */
  readonly end: number;
};

const POINTER_BITS = 0xc0;
const POINTER_OFFSET_MASK = 0x3fff;

/** The name that begins at `position`. The error is a reason such as "a pointer does not point back". */
export function readName(message: Uint8Array, position: number): Result<NameRead, string> {
  const wire: number[] = [];
  let cursor = position;
  let lowest = position;
  let end = -1;
  for (;;) {
    const length = message[cursor];
    if (length === undefined) return err('the message ends inside a name');
    if (length >= POINTER_BITS) {
      const low = message[cursor + 1];
      if (low === undefined) return err('the message ends inside a pointer');
      if (end < 0) end = cursor + 2;
      cursor = ((length << 8) | low) & POINTER_OFFSET_MASK;
      if (cursor >= lowest) return err('a pointer does not point back');
      lowest = cursor;
      continue;
    }
    if (length > LABEL_MAX_OCTETS) return err(`label type ${length >> 6} does not exist`);
    if (wire.length + 1 + length > NAME_MAX_OCTETS) return err(`a name is longer than ${NAME_MAX_OCTETS} octets`);
    if (cursor + 1 + length > message.length) return err('the message ends inside a label');
    for (let index = 0; index <= length; index += 1) wire.push(message[cursor + index] ?? 0);
    cursor += 1 + length;
    if (length === 0) return ok({ wire: Uint8Array.from(wire), end: end < 0 ? cursor : end });
  }
}
