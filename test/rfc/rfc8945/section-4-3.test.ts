// RFC 8945 section 4.3: what is digested, shown by requests and answers that another implementation (dnspython 2.3) signed
// with a fixed secret at a fixed time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { signMessage } from '../../../src/dns/sign-message.ts';
import type { TsigAlgorithm } from '../../../src/dns/tsig-key.ts';
import { verifyMessage } from '../../../src/dns/verify-message.ts';
import { queryOctets } from '../../support/dns/ask.ts';
import { NOW_SECONDS, testKey } from '../../support/dns/tsig.ts';

/** MACs of the query `www.Example.com. A` with id 4711, and of the empty answer to it. */
const MACS: Readonly<Record<TsigAlgorithm, { readonly request: string; readonly response: string }>> = {
  'hmac-sha224': {
    request: '1172c780b1ce648bf9a8291eccf2be1a54f039363a3bf61289c5eaa9',
    response: '58569231ecf5e83045243e223aafd7ebb7ac15e9c800301e13e46e6e',
  },
  'hmac-sha256': {
    request: '0efc8bfd1412a1daa2355c5fb5e57b4b97c6c6dad3d494b717dc342315fb721a',
    response: '1f132c30fca7ea656f4a8a3a98c4dd179b95a724a1d581d6bf8f553f6e1f5e4f',
  },
  'hmac-sha384': {
    request: 'b3f1d219e457d8903c0b2212b65cb495712d0dbacf079b012e89a40c49b012bd211d63afde6094c2c2ecd6ebaba14d13',
    response: '596b52834d43174fedd0542e431b20634711b851a48bbe788bccf0eeab9cda9b803f995a8a968b085a26bbdb7eca8d6c',
  },
  'hmac-sha512': {
    request:
      'abf993939e3f7efc60d3d6e3616ee3b5aede7c5ea871d27b7ab65a01167cfbba952646c2d7fe17801344ee804299942fc58532087425e30f895898961c9d33da',
    response:
      'd88ca025b06120bd821f5757a20b5cd02fdfc13f5f2469e232e22255fac3e8cd616842e0c3b7b0900145586960b6b9c3040cc941a079ff63159565fb096db095',
  },
};

for (const [algorithm, { request, response }] of Object.entries(MACS) as [
  TsigAlgorithm,
  (typeof MACS)[TsigAlgorithm],
][]) {
  describe(algorithm, () => {
    const key = testKey({ algorithm });
    const query = queryOctets('www.Example.com.', 'A');
    const answer = query.map((octet, index) => (index === 2 ? 0x80 : octet));
    const requestMac = Uint8Array.from(Buffer.from(request, 'hex'));

    test('a request is signed as others sign it', () => {
      const signed = signMessage(query, { key, nowSeconds: NOW_SECONDS });
      assert.ok(signed.ok);
      assert.equal(Buffer.from(signed.value.mac).toString('hex'), request);
      assert.equal(verifyMessage(signed.value.octets, { key, nowSeconds: NOW_SECONDS }).kind, 'verified');
    });

    test('an answer is bound to the MAC of its request', () => {
      const signed = signMessage(answer, { key, nowSeconds: NOW_SECONDS, requestMac });
      assert.ok(signed.ok);
      assert.equal(Buffer.from(signed.value.mac).toString('hex'), response);
      const verified = verifyMessage(signed.value.octets, { key, nowSeconds: NOW_SECONDS, requestMac });
      assert.ok(verified.kind === 'verified');
      assert.deepEqual(verified.message, answer);
      const other = verifyMessage(signed.value.octets, {
        key,
        nowSeconds: NOW_SECONDS,
        requestMac: requestMac.map((octet) => octet ^ 1),
      });
      assert.equal(other.kind, 'badSig');
    });
  });
}
