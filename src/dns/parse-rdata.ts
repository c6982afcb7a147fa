// Rdata from presentation text to wire octets, strictly: what another server might read differently is refused.
// Names are lower-cased and never compressed, which is the canonical form of RFC 4034 section 6.2.
import { assertNever } from '../base/assert-never.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseAddress } from './address.ts';
import { CHARACTER_STRING_MAX_OCTETS, parseCharacterString } from './character-string.ts';
import { parseName } from './domain-name.ts';
import { lowerCaseName } from './lower-case-name.ts';
import { RDATA_LAYOUT, type RdataField } from './rdata-layout.ts';
import { type RdataToken, splitRdata } from './rdata-token.ts';
import type { RrType } from './rrset.ts';

/** RFC 1035 section 3.2.1: RDLENGTH has 16 bits. */
const RDATA_MAX_OCTETS = 65_535;

type Octets = Result<Uint8Array, string>;

/**
 * Encodes one value of `Rrset.values`, for example ('MX', '10 mail.example.com.') or ('TXT', '"v=spf1 -all"').
 * The error is a reason such as "expected 2 fields, found 1"; the caller adds path and value.
 */
export function parseRdata(type: RrType, text: string): Octets {
  const tokens = splitRdata(text);
  if (!tokens.ok) return tokens;
  const layout = RDATA_LAYOUT[type];
  const isOpenEnded = layout.at(-1) === 'strings';
  const fits = isOpenEnded ? tokens.value.length >= layout.length : tokens.value.length === layout.length;
  if (!fits)
    return err(`expected ${isOpenEnded ? 'at least ' : ''}${layout.length} fields, found ${tokens.value.length}`);
  const octets: number[] = [];
  for (const [index, token] of tokens.value.entries()) {
    const field = layout[index] ?? 'strings';
    const encoded = encodeField(field, token);
    if (!encoded.ok) return err(`field ${index + 1}: ${encoded.error}`);
    for (const octet of encoded.value) octets.push(octet);
    if (octets.length > RDATA_MAX_OCTETS) return err(`longer than ${RDATA_MAX_OCTETS} octets`);
  }
  return ok(Uint8Array.from(octets));
}

function encodeField(field: RdataField, token: RdataToken): Octets {
  if (token.isQuoted && field !== 'strings' && field !== 'octets') return err('must not be in quotes');
  switch (field) {
    case 'ipv4':
      return encodeAddress(token.text, 4);
    case 'ipv6':
      return encodeAddress(token.text, 6);
    case 'name':
      return encodeName(token.text);
    case 'u8':
      return encodeNumber(token.text, 1);
    case 'u16':
      return encodeNumber(token.text, 2);
    case 'u32':
      return encodeNumber(token.text, 4);
    case 'tag':
      return encodeTag(token.text);
    case 'strings':
      return encodeString(token.text);
    case 'octets':
      return parseCharacterString(token.text);
    default:
      return assertNever(field);
  }
}

function encodeAddress(text: string, family: 4 | 6): Octets {
  const address = parseAddress(text);
  if (address.ok && address.value.family === family) return ok(address.value.octets);
  return err(`expected an IPv${family} address, value was ${JSON.stringify(text)}`);
}

function encodeName(text: string): Octets {
  const wire = parseName(text);
  return wire.ok ? ok(lowerCaseName(wire.value)) : err(`${wire.error}, value was ${JSON.stringify(text)}`);
}

function encodeNumber(text: string, size: 1 | 2 | 4): Octets {
  const max = 2 ** (8 * size) - 1;
  const value = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || value > max) {
    return err(`expected a whole number from 0 to ${max}, value was ${JSON.stringify(text)}`);
  }
  return ok(Uint8Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** (size - 1 - index)) % 256));
}

/** RFC 8659 section 4.1 wants tags in lower case; the upper bound is the one of RFC 6844, which every reader accepts. */
function encodeTag(text: string): Octets {
  if (!/^[a-z0-9]{1,15}$/.test(text)) return err(`expected 1 to 15 of a-z and 0-9, value was ${JSON.stringify(text)}`);
  return ok(Uint8Array.from([text.length, ...Buffer.from(text, 'latin1')]));
}

function encodeString(text: string): Octets {
  const octets = parseCharacterString(text);
  if (!octets.ok) return octets;
  if (octets.value.length > CHARACTER_STRING_MAX_OCTETS) {
    return err(
      `a string has ${octets.value.length} octets, at most ${CHARACTER_STRING_MAX_OCTETS} fit; split it in two`,
    );
  }
  return ok(Uint8Array.from([octets.value.length, ...octets.value]));
}
