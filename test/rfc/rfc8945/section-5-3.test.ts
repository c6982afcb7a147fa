// RFC 8945 section 5.3: errors in answers. BADTIME is signed and tells the time of the server; BADKEY and BADSIG cannot be.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeTsigRecord, TSIG_ERROR, type TsigRecord } from '../../../src/dns/tsig-record.ts';
import { verifyMessage } from '../../../src/dns/verify-message.ts';
import { queryOctets } from '../../support/dns/ask.ts';
import { NOW_SECONDS, testKey } from '../../support/dns/tsig.ts';

const REQUEST_MAC = Uint8Array.from(
  Buffer.from('0efc8bfd1412a1daa2355c5fb5e57b4b97c6c6dad3d494b717dc342315fb721a', 'hex'),
);
/** Answer of a server whose clock is an hour ahead, signed by dnspython 2.3. */
const BAD_TIME =
  '12678009000100000000000103777777074578616d706c6503636f6d0000010001056f6e657570076578616d706c6500' +
  '00fa00ff0000000000430b686d61632d7368613235360000006553f100012c0020e6494a7fdf09ba1db289b08ab8a06d' +
  '8a4468f37564263fe771de095ce9864ccf12670012000600006553ff10';

test('BADTIME is verified, and its other data is the time of the server (5.2.3)', () => {
  const answer = verifyMessage(Buffer.from(BAD_TIME, 'hex'), {
    key: testKey(),
    nowSeconds: NOW_SECONDS,
    requestMac: REQUEST_MAC,
  });
  assert.ok(answer.kind === 'verified', answer.kind);
  assert.equal(answer.record.error, TSIG_ERROR.BADTIME);
  assert.equal(Buffer.from(answer.record.otherData).readUIntBE(0, 6), NOW_SECONDS + 3_600);
});

for (const [name, error] of [
  ['BADKEY', TSIG_ERROR.BADKEY],
  ['BADSIG', TSIG_ERROR.BADSIG],
] as const) {
  test(`${name} without a MAC is a refusal that is not signed, and nothing of the kind is known for requests`, () => {
    const query = queryOctets('www.example.com.', 'A');
    const record: TsigRecord = {
      keyName: 'oneup.example.',
      algorithmName: 'hmac-sha256.',
      timeSignedSeconds: NOW_SECONDS,
      fudgeSeconds: 300,
      mac: new Uint8Array(),
      originalId: 4711,
      error,
      otherData: new Uint8Array(),
    };
    const tsig = encodeTsigRecord(record);
    assert.ok(tsig.ok);
    const message = Uint8Array.from([...query, ...tsig.value]);
    message[11] = 1;
    const options = { key: testKey(), nowSeconds: NOW_SECONDS };
    assert.deepEqual(verifyMessage(message, { ...options, requestMac: REQUEST_MAC }), { kind: 'refused', record });
    assert.equal(verifyMessage(message, options).kind, 'malformed');
  });
}
