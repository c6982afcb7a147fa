// Letter case in names: only ASCII letters have one (RFC 4343 section 3), and length octets are too small to be letters.

const UPPER_A = 0x41;
const UPPER_Z = 0x5a;
const CASE_BIT = 0x20;

/** The octet in lower case, if it is an ASCII letter. */
export function lowerCaseOctet(octet: number): number {
  return octet >= UPPER_A && octet <= UPPER_Z ? octet | CASE_BIT : octet;
}

/** A copy of the wire name in lower case. */
export function lowerCaseName(wire: Uint8Array): Uint8Array {
  return wire.map(lowerCaseOctet);
}
