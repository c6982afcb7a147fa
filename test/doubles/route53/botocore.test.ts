// A second client, botocore of Debian, against the double of Route 53: what the double speaks is the protocol and not only what
// one SDK happens to accept.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Route53Double } from './route53-double.ts';

/** Debian's own interpreter: another one on the path does not see Debian's packages. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'drive-by-botocore.py');

test('botocore creates, replaces, is refused, turns pages and finds zones', async () => {
  await using double = await Route53Double.start();
  const zone = double.zones.create('example.com.');
  const { accessKeyId, secretAccessKey } = double.addKey();
  const { stdout } = await promisify(execFile)(PYTHON, [SCRIPT], {
    timeout: 60_000,
    env: {
      DOUBLE_ENDPOINT: double.endpoint,
      DOUBLE_KEY: accessKeyId,
      DOUBLE_SECRET: secretAccessKey,
      DOUBLE_ZONE: zone,
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  const { noTtl, ...seen } = JSON.parse(stdout) as { noTtl: readonly string[] };
  assert.deepEqual(seen, {
    status: 'PENDING',
    reads: ['PENDING', 'INSYNC'],
    moved: 'done',
    stale: [
      'InvalidChangeBatch',
      "[Tried to delete resource record set [name='b.example.com.', type='A'] but the values provided do not match the current values, Tried to create resource record set [name='b.example.com.', type='A'] but it already exists]",
    ],
    exists: [
      'InvalidChangeBatch',
      "[Tried to create resource record set [name='b.example.com.', type='A'] but it already exists]",
    ],
    bogus: 'InvalidInput',
    listed: [
      ['example.com.', 'NS'],
      ['example.com.', 'SOA'],
      ['\\052.example.com.', 'A'],
      ['b.example.com.', 'A'],
    ],
    zone: 'example.com.',
    byName: `/hostedzone/${zone}`,
    noZone: 'NoSuchHostedZone',
    wrongSecret: 'SignatureDoesNotMatch',
  });
  assert.equal(noTtl[0], 'InvalidInput');
  assert.match(noTtl[1] ?? '', /Expected exactly one of \[AliasTarget, all of \[TTL, and ResourceRecords\]/);
});
