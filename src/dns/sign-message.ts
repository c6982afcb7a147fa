// Signs a message with TSIG (RFC 8945 section 5.1 for requests, 5.3 for responses).
import { ok, type Result } from '../base/result.ts';
import { tsigDigest } from './tsig-digest.ts';
import { algorithmName, type TsigKey } from './tsig-key.ts';
import { encodeTsigRecord, TSIG_ERROR, type TsigRecord } from './tsig-record.ts';

/** RFC 8945 section 10 recommends this much difference between two clocks. */
const FUDGE_SECONDS = 300;

export type SignOptions = {
  readonly key: TsigKey;
  /** Wall clock of the signer, in whole seconds since 1970. */
  readonly nowSeconds: number;
  /** MAC of the request that a response answers; null for a request. */
  readonly requestMac?: Uint8Array | null;
  /** For responses (section 5.3.2): BADTIME is signed, with the own time in `otherData`. */
  readonly error?: number;
  readonly otherData?: Uint8Array;
};

/** The message with its TSIG record, and the MAC that the answer to it is bound to. */
export type SignedMessage = { readonly octets: Uint8Array; readonly mac: Uint8Array };

export function signMessage(message: Uint8Array, options: SignOptions): Result<SignedMessage, string> {
  const { key, nowSeconds, requestMac = null, error = TSIG_ERROR.NONE, otherData = new Uint8Array() } = options;
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const record: TsigRecord = {
    keyName: key.name,
    algorithmName: algorithmName(key.algorithm),
    timeSignedSeconds: nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: new Uint8Array(),
    originalId: view.getUint16(0),
    error,
    otherData,
  };
  const digest = tsigDigest(message, record, requestMac);
  if (!digest.ok) return digest;
  const mac = key.mac(digest.value);
  const tsig = encodeTsigRecord({ ...record, mac });
  if (!tsig.ok) return tsig;
  const octets = Uint8Array.from([...message, ...tsig.value]);
  new DataView(octets.buffer).setUint16(10, view.getUint16(10) + 1);
  return ok({ octets, mac });
}
