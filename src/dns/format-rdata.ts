// Rdata from wire octets to presentation text, in the one spelling that snapshots and comparisons use.
import { assertNever } from '../base/assert-never.ts';
import { err, ok, type Result } from '../base/result.ts';
import { formatAddress } from './address.ts';
import { formatCharacterString } from './character-string.ts';
import { formatName } from './domain-name.ts';
import { readName } from './name-reader.ts';
import { RDATA_LAYOUT, type RdataField } from './rdata-layout.ts';
import type { RrType } from './rrset.ts';

type FieldText = Result<{ readonly text: string; readonly end: number }, string>;

/** Writes rdata without compressed names as text that `parseRdata` accepts. The error says where the octets are wrong. */
export function formatRdata(type: RrType, rdata: Uint8Array): Result<string, string> {
  const parts: string[] = [];
  let position = 0;
  for (const field of RDATA_LAYOUT[type]) {
    const read = formatField(field, rdata, position);
    if (!read.ok) return read;
    parts.push(read.value.text);
    position = read.value.end;
  }
  return position === rdata.length ? ok(parts.join(' ')) : err(`${rdata.length - position} octets are left over`);
}

function formatField(field: RdataField, rdata: Uint8Array, position: number): FieldText {
  switch (field) {
    case 'ipv4':
      return formatFixed(rdata, { position, size: 4 }, formatAddress);
    case 'ipv6':
      return formatFixed(rdata, { position, size: 16 }, formatAddress);
    case 'u8':
      return formatFixed(rdata, { position, size: 1 }, formatNumber);
    case 'u16':
      return formatFixed(rdata, { position, size: 2 }, formatNumber);
    case 'u32':
      return formatFixed(rdata, { position, size: 4 }, formatNumber);
    case 'name': {
      const name = readName(rdata, position);
      return name.ok ? ok({ text: formatName(name.value.wire), end: name.value.end }) : name;
    }
    case 'tag':
      return formatFixed(rdata, { position: position + 1, size: rdata[position] ?? 0 }, formatTag);
    case 'strings':
      return formatStrings(rdata, position);
    case 'octets':
      return formatFixed(rdata, { position, size: rdata.length - position }, formatCharacterString);
    default:
      return assertNever(field);
  }
}

function formatFixed(
  rdata: Uint8Array,
  { position, size }: { readonly position: number; readonly size: number },
  format: (octets: Uint8Array) => string,
): FieldText {
  const end = position + size;
  if (end > rdata.length) return err(`rdata ends after ${rdata.length} octets, ${end} are needed`);
  return ok({ text: format(rdata.subarray(position, end)), end });
}

function formatNumber(octets: Uint8Array): string {
  return String(octets.reduce((value, octet) => value * 256 + octet, 0));
}

function formatTag(octets: Uint8Array): string {
  return Buffer.from(octets).toString('latin1');
}

function formatStrings(rdata: Uint8Array, start: number): FieldText {
  const strings: string[] = [];
  let position = start;
  do {
    const end = position + 1 + (rdata[position] ?? 0);
    if (end > rdata.length) return err('a string is longer than its rdata');
    strings.push(formatCharacterString(rdata.subarray(position + 1, end)));
    position = end;
  } while (position < rdata.length);
  return ok({ text: strings.join(' '), end: position });
}
