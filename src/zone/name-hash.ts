// Hash of a wire name without regard to letter case. It runs from the end to the start, so that a suffix of a name
// hashes as the name which that suffix is. Keys are names of our own zones, so nobody outside can make them collide.
import { lowerCaseOctet } from '../dns/lower-case-name.ts';

const FNV_OFFSET = 0x811c9dc5 | 0;
const FNV_PRIME = 0x01000193;

/** 32-bit signed FNV-1a hash of the uncompressed name at `start` up to `end`. */
export function hashName(octets: Uint8Array, start: number, end: number): number {
  let hash = FNV_OFFSET;
  for (let position = end - 1; position >= start; position -= 1) {
    hash = Math.imul(hash ^ lowerCaseOctet(octets[position] as number), FNV_PRIME);
  }
  return hash;
}
