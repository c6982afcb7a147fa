// Looks names up in a compiled zone, wherever they stand: in the question, or in a CNAME just written into the answer.
// A name is given as its place in a message, so that looking up allocates nothing.
import { lowerCaseOctet } from '../dns/lower-case-name.ts';
import type { CompiledName, CompiledNames } from './compiled-zone.ts';
import { hashName } from './name-hash.ts';

/** An uncompressed wire name inside `octets`. */
export type NamePlace = { readonly octets: Uint8Array; readonly start: number; readonly end: number };

/** The entry of exactly this name, or null. */
export function findName(names: CompiledNames, { octets, start, end }: NamePlace): CompiledName | null {
  const entries = names.byHash.get(hashName(octets, start, end));
  if (entries === undefined) return null;
  for (const entry of entries) if (isSameName(entry.name, octets, start, end)) return entry;
  return null;
}

/** The longest existing ancestor of a name that does not exist (RFC 4592 section 3.3.1); null only outside the zone. */
export function findClosestEncloser(names: CompiledNames, { octets, start, end }: NamePlace): CompiledName | null {
  let labels = 0;
  for (let at = start; octets[at] !== 0; at += 1 + (octets[at] as number)) labels += 1;
  let position = start;
  while (labels > 0) {
    position += 1 + (octets[position] as number);
    labels -= 1;
    if (labels > names.labelsMax) continue;
    const entry = findName(names, { octets, start: position, end });
    if (entry !== null) return entry;
  }
  return null;
}

/** Whether the name at `start` up to `end` ends in `ancestor`, at a label boundary. `ancestor` is in lower case. */
export function isAtOrBelow({ octets, start, end }: NamePlace, ancestor: Uint8Array): boolean {
  const from = end - ancestor.length;
  if (from < start || !isSameName(ancestor, octets, from, end)) return false;
  let position = start;
  while (position < from) position += 1 + (octets[position] as number);
  return position === from;
}

function isSameName(name: Uint8Array, octets: Uint8Array, start: number, end: number): boolean {
  const length = end - start;
  if (name.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (name[index] !== lowerCaseOctet(octets[start + index] as number)) return false;
  }
  return true;
}
