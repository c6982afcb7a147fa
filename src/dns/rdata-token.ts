// Splits the presentation form of rdata into its fields (RFC 1035 section 5.1): separated by blanks, or in quotes.
// Comments and parentheses belong to zone files, not to one value, and are refused outside quotes.
import { err, ok, type Result } from '../base/result.ts';
import { readOctet } from './escaped-octet.ts';

/** `text` keeps its escapes, because a dot or a digit means different things in a name and in a string. */
export type RdataToken = { readonly text: string; readonly isQuoted: boolean };

/** More fields than any value that fits into 65535 octets; keeps a hostile text from growing a list. */
const TOKENS_MAX = 4_096;
const UNQUOTED_FORBIDDEN: ReadonlySet<string> = new Set(['"', '(', ')', ';']);

/** The fields of one value in order; none for an empty text. */
export function splitRdata(text: string): Result<readonly RdataToken[], string> {
  const tokens: RdataToken[] = [];
  let index = skipBlanks(text, 0);
  while (index < text.length) {
    const isQuoted = text[index] === '"';
    const end = isQuoted ? endOfQuoted(text, index + 1) : endOfBare(text, index);
    if (!end.ok) return end;
    tokens.push({ text: text.slice(isQuoted ? index + 1 : index, end.value), isQuoted });
    if (tokens.length > TOKENS_MAX) return err(`more than ${TOKENS_MAX} fields`);
    const after = isQuoted ? end.value + 1 : end.value;
    index = skipBlanks(text, after);
    if (index === after && index < text.length) return err('a quoted field must be followed by a space');
  }
  return ok(tokens);
}

function skipBlanks(text: string, from: number): number {
  let index = from;
  while (text[index] === ' ' || text[index] === '\t') index += 1;
  return index;
}

function endOfQuoted(text: string, from: number): Result<number, string> {
  let index = from;
  while (index < text.length) {
    if (text[index] === '"') return ok(index);
    const read = readOctet(text, index);
    if (!read.ok) return read;
    index = read.value.next;
  }
  return err('a quote is not closed');
}

function endOfBare(text: string, from: number): Result<number, string> {
  let index = from;
  while (index < text.length && text[index] !== ' ' && text[index] !== '\t') {
    const character = text[index] ?? '';
    if (UNQUOTED_FORBIDDEN.has(character)) return err(`${character} outside quotes must be written as \\${character}`);
    const read = readOctet(text, index);
    if (!read.ok) return read;
    index = read.value.next;
  }
  return ok(index);
}
