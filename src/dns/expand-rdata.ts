// Takes rdata out of a message and expands the compressed names in it, so that it can stand alone (RFC 1035 section 4.1.4).
import { assertNever } from '../base/assert-never.ts';
import { err, ok, type Result } from '../base/result.ts';
import { readName } from './name-reader.ts';
import { RDATA_LAYOUT, type RdataField } from './rdata-layout.ts';
import { RR_TYPE, rrTypeOf } from './rr-type.ts';

type RdataPlace = { readonly type: number; readonly start: number; readonly end: number };

/** Copies the rdata at `place`. Types unknown here are copied as they are (RFC 3597 section 4: they have no compression). */
export function expandRdata(message: Uint8Array, place: RdataPlace): Result<Uint8Array, string> {
  const { start, end } = place;
  const parts: Uint8Array[] = [];
  let position = start;
  for (const field of layoutOf(place.type)) {
    const size = fieldSize(field);
    if (size === 'name') {
      const name = readName(message, position);
      if (!name.ok) return name;
      parts.push(name.value.wire);
      position = name.value.end;
    } else {
      const next = size === 'rest' ? end : position + size;
      parts.push(message.slice(position, Math.min(next, end)));
      position = next;
    }
    if (position > end) return err('a field is longer than its rdata');
  }
  return position === end
    ? ok(Uint8Array.from(Buffer.concat(parts)))
    : err(`${end - position} octets of rdata are left over`);
}

function layoutOf(type: number): readonly RdataField[] {
  const known = rrTypeOf(type);
  if (known !== null) return RDATA_LAYOUT[known];
  return type === RR_TYPE.PTR ? ['name'] : ['octets'];
}

function fieldSize(field: RdataField): number | 'name' | 'rest' {
  switch (field) {
    case 'ipv4':
    case 'u32':
      return 4;
    case 'ipv6':
      return 16;
    case 'u8':
      return 1;
    case 'u16':
      return 2;
    case 'name':
      return 'name';
    // No name follows these, so what is inside does not matter here.
    case 'tag':
    case 'strings':
    case 'octets':
      return 'rest';
    default:
      return assertNever(field);
  }
}
