// Checks the TSIG of a message, request or response, in the order of RFC 8945 section 5.2: key, MAC, time. Total: any octets
// give an outcome. What is not `verified` proves nothing and must not be acted upon.
import { timingSafeEqual } from 'node:crypto';
import { tsigDigest } from './tsig-digest.ts';
import { algorithmName, macOctetsOf, type TsigKey } from './tsig-key.ts';
import { findTsig, TSIG_ERROR, type TsigRecord } from './tsig-record.ts';

export type Verification =
  /** `message` is without TSIG and has its original id; `mac` is what an answer to it is bound to. */
  | { readonly kind: 'verified'; readonly message: Uint8Array; readonly mac: Uint8Array; readonly record: TsigRecord }
  | { readonly kind: 'unsigned' }
  /** To be answered with FORMERR (section 5.1). */
  | { readonly kind: 'malformed'; readonly reason: string }
  /** The key or its algorithm is not the one that is known here (section 5.2.1). */
  | { readonly kind: 'badKey'; readonly record: TsigRecord }
  | { readonly kind: 'badSig'; readonly record: TsigRecord }
  /** Section 5.2.3: signed by the right key at another time, by the clock of either side. */
  | { readonly kind: 'badTime'; readonly record: TsigRecord; readonly mac: Uint8Array }
  /** Section 5.2.4: truncated MACs are within the standard, and not within our policy. */
  | { readonly kind: 'badTrunc'; readonly record: TsigRecord }
  /** A response that says, without a signature, that our request was not accepted (section 5.3.2). */
  | { readonly kind: 'refused'; readonly record: TsigRecord };

export type VerifyOptions = {
  readonly key: TsigKey;
  readonly nowSeconds: number;
  /** MAC of the request that this message answers; null when it is a request. */
  readonly requestMac?: Uint8Array | null;
};

/** Section 5.2.2.1: a MAC that is shorter is not even truncated, it is malformed. */
const MAC_MIN_OCTETS = 10;

export function verifyMessage(octets: Uint8Array, options: VerifyOptions): Verification {
  const { key, nowSeconds, requestMac = null } = options;
  const found = findTsig(octets);
  if (!found.ok) return { kind: 'malformed', reason: found.error };
  if (found.value === null) return { kind: 'unsigned' };
  const { record, start } = found.value;
  const isAnswer = requestMac !== null;
  if (isAnswer && record.mac.length === 0 && isUnsignedError(record.error)) return { kind: 'refused', record };
  if (record.keyName !== key.name || record.algorithmName !== algorithmName(key.algorithm)) {
    return { kind: 'badKey', record };
  }
  const whole = macOctetsOf(key.algorithm);
  if (record.mac.length > whole || record.mac.length < Math.max(MAC_MIN_OCTETS, whole / 2)) {
    return { kind: 'malformed', reason: `a MAC of ${record.mac.length} octets` };
  }
  const message = withoutTsig(octets, start, record.originalId);
  const digest = tsigDigest(message, record, requestMac);
  if (!digest.ok) return { kind: 'malformed', reason: digest.error };
  const expected = key.mac(digest.value).subarray(0, record.mac.length);
  if (!timingSafeEqual(expected, record.mac)) return { kind: 'badSig', record };
  if (Math.abs(nowSeconds - record.timeSignedSeconds) > record.fudgeSeconds) {
    return { kind: 'badTime', record, mac: record.mac };
  }
  if (record.mac.length < whole) return { kind: 'badTrunc', record };
  return { kind: 'verified', message, mac: record.mac, record };
}

/** Section 5.3.2: these errors mean that the two sides share no key, so there is nothing to sign with. */
function isUnsignedError(error: number): boolean {
  return error === TSIG_ERROR.BADKEY || error === TSIG_ERROR.BADSIG;
}

function withoutTsig(octets: Uint8Array, start: number, originalId: number): Uint8Array {
  // A copy: `slice` of a Buffer would be the caller's own octets.
  const message = Uint8Array.from(octets.subarray(0, start));
  const view = new DataView(message.buffer);
  view.setUint16(0, originalId);
  view.setUint16(10, view.getUint16(10) - 1);
  return message;
}
