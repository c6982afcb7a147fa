// The double of Route 53 refuses each of the known bad requests with the right reason, and none of them changes anything.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AccessKey } from './access.ts';
import { KNOWN_BAD_REQUESTS, ZONE_ID } from './known-bad-requests.ts';
import { Route53Double } from './route53-double.ts';
import { batchBody, changeXml, sendSigned } from './send-signed.ts';

describe('the double of Route 53 refuses', () => {
  let double: Route53Double;
  let key: AccessKey;
  before(async () => {
    double = await Route53Double.start();
    double.zones.create('example.com.', ZONE_ID);
    key = double.addKey();
  });
  after(() => double[Symbol.asyncDispose]());

  for (const { what, request, expected } of KNOWN_BAD_REQUESTS) {
    test(what, async () => {
      const { status, text } = await sendSigned(double.endpoint, key, request);
      assert.equal(status, 400, text);
      assert.match(text.replaceAll('&#34;', '"').replaceAll('\n', ' '), expected);
      assert.equal(double.zones.find(ZONE_ID).sets.size, 2, 'nothing was written');
    });
  }

  test('and takes the request that all of them were made from', async () => {
    const set =
      '<Name>a.example.com.</Name><Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>';
    const request = { method: 'POST', pathAndQuery: `/2013-04-01/hostedzone/${ZONE_ID}/rrset` } as const;
    const { status } = await sendSigned(double.endpoint, key, { ...request, body: batchBody(changeXml(set)) });
    assert.equal(status, 200);
    assert.equal(double.zones.find(ZONE_ID).sets.size, 3);
  });
});
