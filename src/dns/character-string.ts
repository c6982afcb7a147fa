// Character-strings (RFC 1035 section 3.3): octets that TXT and CAA carry, and the quoted text that people write for them.
import { ok, type Result } from '../base/result.ts';
import { readOctet } from './escaped-octet.ts';

/** RFC 1035 section 3.3: one length octet. */
export const CHARACTER_STRING_MAX_OCTETS = 255;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The octets of a field whose quotes are already gone. */
export function parseCharacterString(text: string): Result<Uint8Array, string> {
  const octets: number[] = [];
  for (let index = 0; index < text.length; ) {
    const read = readOctet(text, index);
    if (!read.ok) return read;
    octets.push(read.value.octet);
    index = read.value.next;
  }
  return ok(Uint8Array.from(octets));
}

/** Quoted text for any octets; the inverse of `parseCharacterString` plus quotes. */
export function formatCharacterString(octets: Uint8Array): string {
  let text = '"';
  for (const octet of octets) {
    if (octet === QUOTE || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`;
    else if (octet < 0x20 || octet > 0x7e) text += `\\${String(octet).padStart(3, '0')}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}
