// Where a name stands in the tree: its parent, its depth, and whether it is below another name. Works on wire names.
import { lowerCaseOctet } from './lower-case-name.ts';

/** Labels without the root label: 0 for the root, 3 for `www.example.com.`. */
export function labelCount(wire: Uint8Array): number {
  let count = 0;
  for (let position = 0; (wire[position] ?? 0) !== 0; position += 1 + (wire[position] ?? 0)) count += 1;
  return count;
}

/** The name without its first label, as a view of the same octets. The parent of the root is the root. */
export function parentName(wire: Uint8Array): Uint8Array {
  const length = wire[0] ?? 0;
  return length === 0 ? wire : wire.subarray(1 + length);
}

/** Whether `wire` is `ancestor` or below it, ignoring letter case. */
export function isWithin(wire: Uint8Array, ancestor: Uint8Array): boolean {
  let name = wire;
  while (name.length > ancestor.length) name = parentName(name);
  return name.length === ancestor.length && name.every((octet, index) => hasSameLetter(octet, ancestor[index] ?? 0));
}

function hasSameLetter(left: number, right: number): boolean {
  return lowerCaseOctet(left) === lowerCaseOctet(right);
}
