// Keys and times that tests of signed messages share.
import assert from 'node:assert/strict';
import { Secret } from '../../../src/base/secret.ts';
import { makeTsigKey, type TsigAlgorithm, type TsigKey } from '../../../src/dns/tsig-key.ts';

export const NOW_SECONDS = 1_700_000_000;
/** The octets 0 to 31. */
export const TEST_SECRET = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

export function testKey({
  name = 'oneup.example',
  algorithm = 'hmac-sha256',
  secret = TEST_SECRET,
}: {
  readonly name?: string;
  readonly algorithm?: TsigAlgorithm;
  readonly secret?: string;
} = {}): TsigKey {
  const key = makeTsigKey({ name, algorithm, secret: new Secret(secret) });
  assert.ok(key.ok, key.ok ? '' : key.error);
  return key.value;
}
