// Domain names between their two forms: presentation text (RFC 1035 section 5.1) and uncompressed wire octets (section 3.1).
// Inside the core a name is absolute text with a trailing dot; relative names do not exist here.
import { err, ok, type Result } from '../base/result.ts';
import { readOctet } from './escaped-octet.ts';

/** RFC 1035 section 2.3.4: length octets, label octets and the root label together. */
export const NAME_MAX_OCTETS = 255;
/** RFC 1035 section 2.3.4. The two high bits of a length octet mean something else. */
export const LABEL_MAX_OCTETS = 63;

const DOT = 0x2e;
/** Octets that mean something in a zone file and are therefore escaped: " $ ( ) . ; @ \ */
const SPECIAL: ReadonlySet<number> = new Set([0x22, 0x24, 0x28, 0x29, DOT, 0x3b, 0x40, 0x5c]);

/**
 * Encodes an absolute name such as `www.example.com.` or `a\.b.example.com.`; letter case is kept.
 * The error says what is wrong with the name: relative, empty label, too long, or a character that needs an escape.
 */
export function parseName(text: string): Result<Uint8Array, string> {
  if (text === '.') return ok(new Uint8Array(1));
  const wire: number[] = [0];
  let labelStart = 0;
  let isTerminated = false;
  for (let index = 0; index < text.length; ) {
    const read = readOctet(text, index);
    if (!read.ok) return read;
    const { octet, next, escaped } = read.value;
    index = next;
    isTerminated = octet === DOT && !escaped;
    if (!isTerminated && octet === SPACE && !escaped) return err('a space in a name must be written as \\032');
    if (!isTerminated) wire.push(octet);
    const length = wire.length - labelStart - 1;
    if (length > LABEL_MAX_OCTETS) return err(`a label is longer than ${LABEL_MAX_OCTETS} octets`);
    if (!isTerminated) continue;
    if (length === 0) return err('the name has an empty label');
    wire[labelStart] = length;
    labelStart = wire.length;
    wire.push(0);
    if (wire.length > NAME_MAX_OCTETS) return err(`the name is longer than ${NAME_MAX_OCTETS} octets`);
  }
  if (!isTerminated) return err('the name must be absolute, with a dot at its end');
  return ok(Uint8Array.from(wire));
}

const SPACE = 0x20;

/** Writes an uncompressed wire name as absolute text; the inverse of `parseName`. `wire` must be well formed. */
export function formatName(wire: Uint8Array): string {
  let text = '';
  for (let position = 0; position < wire.length; ) {
    const length = wire[position] ?? 0;
    if (length === 0) break;
    for (const octet of wire.subarray(position + 1, position + 1 + length)) text += formatOctet(octet);
    text += '.';
    position += 1 + length;
  }
  return text === '' ? '.' : text;
}

function formatOctet(octet: number): string {
  if (octet <= SPACE || octet > 0x7e) return `\\${String(octet).padStart(3, '0')}`;
  const character = String.fromCharCode(octet);
  return SPECIAL.has(octet) ? `\\${character}` : character;
}
