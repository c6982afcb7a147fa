// One octet of presentation text with its escapes (RFC 1035 section 5.1): `\DDD` is an octet by number, `\X` is X itself.
// Text outside printable ASCII is refused instead of guessed: two encodings would give two different names.
import { err, ok, type Result } from '../base/result.ts';

export type EscapedOctet = {
  readonly octet: number;
  /** Index of the character after this octet. */
  readonly next: number;
  /** An escaped dot is part of a label, an escaped quote part of a string. */
  readonly escaped: boolean;
};

/** Reads the octet that starts at `index`, which must be inside `text`. */
export function readOctet(text: string, index: number): Result<EscapedOctet, string> {
  const code = text.charCodeAt(index);
  if (code === BACKSLASH) return readEscape(text, index + 1);
  if (code < SPACE || code > TILDE) return err(`character ${code} must be written as \\DDD`);
  return ok({ octet: code, next: index + 1, escaped: false });
}

const BACKSLASH = 0x5c;
const SPACE = 0x20;
const TILDE = 0x7e;
const OCTET_MAX = 255;

function readEscape(text: string, index: number): Result<EscapedOctet, string> {
  const digits = /^[0-9]{3}/.exec(text.slice(index, index + 3))?.[0];
  if (digits !== undefined) {
    const octet = Number(digits);
    return octet > OCTET_MAX ? err(`\\${digits} is more than 255`) : ok({ octet, next: index + 3, escaped: true });
  }
  const code = text.charCodeAt(index);
  if (Number.isNaN(code)) return err('the text ends inside an escape');
  if (code < SPACE || code > TILDE) return err(`character ${code} must be written as \\DDD`);
  if (code >= 0x30 && code <= 0x39) return err('a numeric escape has three digits');
  return ok({ octet: code, next: index + 1, escaped: true });
}
