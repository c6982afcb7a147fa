// Keys of TSIG (RFC 8945 section 6): a name, an algorithm and a shared secret. The secret stays inside a function, so that a
// key that is logged or compared shows nothing.
import { createHmac } from 'node:crypto';
import type { DomainName } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Secret } from '../base/secret.ts';
import { canonicalName } from './canonical-name.ts';

/**
 * RFC 8945 section 6 also lists HMAC-MD5, which must not be used, and HMAC-SHA1, which is not recommended. Neither is offered,
 * though the latter would have to be: every server that takes it takes SHA-256 too, and one weak key less is to be guarded.
 */
export type TsigAlgorithm = 'hmac-sha224' | 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

export type TsigKey = {
  readonly name: DomainName;
  readonly algorithm: TsigAlgorithm;
  /** The whole, untruncated MAC of the parts one after the other. */
  readonly mac: (parts: readonly Uint8Array[]) => Uint8Array;
};

const ALGORITHMS: Readonly<Record<TsigAlgorithm, { readonly hash: string; readonly macOctets: number }>> = {
  'hmac-sha224': { hash: 'sha224', macOctets: 28 },
  'hmac-sha256': { hash: 'sha256', macOctets: 32 },
  'hmac-sha384': { hash: 'sha384', macOctets: 48 },
  'hmac-sha512': { hash: 'sha512', macOctets: 64 },
};
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Makes a key from what people write: a name with or without a dot at its end, and the secret in base64. */
export function makeTsigKey(spec: {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly secret: Secret;
}): Result<TsigKey, string> {
  const name = canonicalName(spec.name.endsWith('.') ? spec.name : `${spec.name}.`);
  if (!name.ok) return err(`the name of the TSIG key is wrong: ${name.error}`);
  const text = spec.secret.reveal();
  if (text === '' || !BASE64.test(text)) return err(`the secret of the TSIG key ${name.value} is not base64`);
  const secret = Buffer.from(text, 'base64');
  const { hash } = ALGORITHMS[spec.algorithm];
  return ok({
    name: name.value,
    algorithm: spec.algorithm,
    mac: (parts) => {
      const hmac = createHmac(hash, secret);
      for (const part of parts) hmac.update(part);
      return Uint8Array.from(hmac.digest());
    },
  });
}

/** Octets of a MAC that is not truncated. */
export function macOctetsOf(algorithm: TsigAlgorithm): number {
  return ALGORITHMS[algorithm].macOctets;
}

/** RFC 8945 section 6: an algorithm is named by a domain name, here `hmac-sha256.`. */
export function algorithmName(algorithm: TsigAlgorithm): DomainName {
  return `${algorithm}.`;
}
