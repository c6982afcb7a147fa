// What a TSIG MAC covers (RFC 8945 section 4.3): the MAC of the request in a response, the message without its TSIG record,
// and the fields of that record. Signer and verifier must agree on every octet, so both take it from here.
import { ok, type Result } from '../base/result.ts';
import { parseName } from './domain-name.ts';
import { CLASS_ANY } from './rr-type.ts';
import type { TsigRecord } from './tsig-record.ts';

/** `message` is without TSIG: with its original id, and an additional count that does not count it. */
export function tsigDigest(
  message: Uint8Array,
  record: TsigRecord,
  requestMac: Uint8Array | null,
): Result<readonly Uint8Array[], string> {
  const keyName = parseName(record.keyName);
  if (!keyName.ok) return keyName;
  const algorithm = parseName(record.algorithmName);
  if (!algorithm.ok) return algorithm;
  const { timeSignedSeconds, fudgeSeconds, error, otherData } = record;
  const times = Buffer.alloc(8);
  times.writeUIntBE(timeSignedSeconds, 0, 6);
  times.writeUInt16BE(fudgeSeconds, 6);
  // Section 4.3.3: name, class, TTL, algorithm, time signed, fudge, error, other length, other data.
  const variables = [keyName.value, u16(CLASS_ANY), new Uint8Array(4), algorithm.value, times, u16(error)];
  const request = requestMac === null ? [] : [u16(requestMac.length), requestMac];
  return ok([...request, message, ...variables, u16(otherData.length), otherData]);
}

function u16(value: number): Uint8Array {
  return Uint8Array.from([(value >> 8) & 0xff, value & 0xff]);
}
