// Serial numbers that wrap around (RFC 1982 with SERIAL_BITS 32, as SOA uses them in RFC 1035 section 3.3.13).
// "Greater" holds only within half the circle; at exactly half it is undefined, and callers must decide for themselves.

const SERIAL_MODULUS = 2 ** 32;
const HALF_CIRCLE = 2 ** 31;

export type SerialOrder = 'less' | 'equal' | 'greater' | 'undefined';

/** How `left` stands to `right` (RFC 1982 section 3.2). Both are integers from 0 to 4294967295. */
export function compareSerials(left: number, right: number): SerialOrder {
  if (left === right) return 'equal';
  const ahead = (left - right + SERIAL_MODULUS) % SERIAL_MODULUS;
  if (ahead === HALF_CIRCLE) return 'undefined';
  return ahead < HALF_CIRCLE ? 'greater' : 'less';
}

/** The serial after this one (RFC 1982 section 3.1). Zero is skipped: old secondaries take it for "no serial yet". */
export function nextSerial(serial: number): number {
  const next = (serial + 1) % SERIAL_MODULUS;
  return next === 0 ? 1 : next;
}
