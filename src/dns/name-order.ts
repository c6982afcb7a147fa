// Canonical order of names (RFC 4034 section 6.1): label by label from the root, each as unsigned octets in lower case.
import { lowerCaseOctet } from './lower-case-name.ts';

/** Negative, zero or positive as `left` sorts before, with or after `right`. Both are uncompressed wire names. */
export function compareNames(left: Uint8Array, right: Uint8Array): number {
  const leftStarts = labelStarts(left);
  const rightStarts = labelStarts(right);
  const shared = Math.min(leftStarts.length, rightStarts.length);
  for (let depth = 1; depth <= shared; depth += 1) {
    const order = compareLabels(left, leftStarts.at(-depth) ?? 0, right, rightStarts.at(-depth) ?? 0);
    if (order !== 0) return order;
  }
  return leftStarts.length - rightStarts.length;
}

/** Position of each label's length octet, without the root label. */
function labelStarts(wire: Uint8Array): readonly number[] {
  const starts: number[] = [];
  for (let position = 0; (wire[position] ?? 0) !== 0; position += 1 + (wire[position] ?? 0)) starts.push(position);
  return starts;
}

function compareLabels(left: Uint8Array, leftStart: number, right: Uint8Array, rightStart: number): number {
  const leftLength = left[leftStart] ?? 0;
  const rightLength = right[rightStart] ?? 0;
  for (let index = 1; index <= Math.min(leftLength, rightLength); index += 1) {
    const order = lowerCaseOctet(left[leftStart + index] ?? 0) - lowerCaseOctet(right[rightStart + index] ?? 0);
    if (order !== 0) return order;
  }
  return leftLength - rightLength;
}
