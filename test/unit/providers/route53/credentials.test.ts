// Where the Route 53 provider takes its rights from: keys, a profile of the user's files, what the SDK finds by itself, and a role
// of another account that is taken with them, from a stand-in for the Security Token Service.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { create, NAME, txt } from '../../../conformance/provider-samples.ts';
import { NO_FAULT } from '../../../doubles/route53/fault.ts';
import { waitUntil } from '../../../e2e/support/wait-until.ts';
import { Route53Bench } from './bench.ts';

const ROLE = 'arn:aws:iam::111122223333:role/oneup-dns';

describe('the Route 53 provider', () => {
  let bench: Route53Bench;
  before(async () => {
    bench = await Route53Bench.open();
    const policy = { actions: ['ListResourceRecordSets', 'ChangeResourceRecordSets'] };
    bench.double.roles.push({ arn: ROLE, externalId: 'ours', policy, durationMs: 3_600_000 });
  });
  after(() => bench[Symbol.asyncDispose]());

  const role = (externalId: string | null, rest = {}) =>
    bench.connect({
      assumeRole: { roleArn: ROLE, externalId, sessionName: 'oneup-prod' },
      stsEndpoint: bench.double.endpoint,
      ...rest,
    });

  test('takes a role with its external id once, and works with what it was given', async () => {
    const provider = role('ours');
    bench.calls();
    assert.deepEqual(await bench.list([NAME], provider), []);
    await bench.list([NAME], provider);
    const { seen } = bench.double;
    assert.deepEqual(
      seen.map(({ operation, accessKeyId }) => [operation, accessKeyId.slice(0, 4)]),
      [
        ['AssumeRole', 'AKIA'],
        ['ListResourceRecordSets', 'ASIA'],
        ['ListResourceRecordSets', 'ASIA'],
      ],
    );
  });

  test('is refused without the external id, and says so without a secret', async () => {
    for (const externalId of [null, 'theirs']) {
      const result = await bench.apply([create(txt('"x"'))], { by: role(externalId) });
      assert.ok(result.kind === 'failed', JSON.stringify(result));
      assert.deepEqual([result.code, result.applied], ['ONEUP_PROVIDER_DENIED', 'none']);
      assert.ok(!JSON.stringify(result).includes(bench.key.secretAccessKey));
    }
  });

  test('sends nothing when the role is not given in time, not even later', async () => {
    const release = Promise.withResolvers<void>();
    bench.double.fault = ({ operation }) =>
      operation === 'AssumeRole' ? { kind: 'slow', until: release.promise } : null;
    bench.calls();
    const late = role('ours', { timeoutMs: 300 });
    const result = await bench.apply([create(txt('"x"'))], { by: late });
    assert.ok(result.kind === 'failed', JSON.stringify(result));
    assert.deepEqual([result.code, result.applied, result.retryable], ['ONEUP_PROVIDER_UNREACHABLE', 'none', true]);
    const asked = bench.double.seen[0];
    release.resolve();
    await waitUntil('the role to be given', async () => asked?.status !== null);
    bench.double.fault = NO_FAULT;
    // By the time this one is answered, a request of the one before would have arrived.
    await bench.list([NAME]);
    assert.ok(!bench.calls().includes('ChangeResourceRecordSets'));
  });

  test('finds keys in the environment and in a profile by itself', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'oneup-aws-'));
    try {
      const { accessKeyId, secretAccessKey } = bench.double.addKey();
      const file = join(directory, 'credentials');
      await writeFile(file, `[ops]\naws_access_key_id=${accessKeyId}\naws_secret_access_key=${secretAccessKey}\n`);
      const env = {
        PATH: process.env.PATH,
        AWS_EC2_METADATA_DISABLED: 'true',
        DOUBLE_ENDPOINT: bench.double.endpoint,
        DOUBLE_ZONE: bench.zoneId,
      };
      const list = (more: Readonly<Record<string, string>>) =>
        promisify(execFile)(process.execPath, [join(import.meta.dirname, 'list-process.ts')], {
          env: { ...env, ...more },
        });
      const byKeys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      assert.equal((await list(byKeys)).stdout, 'listed 0\n');
      assert.equal((await list({ DOUBLE_PROFILE: 'ops', AWS_SHARED_CREDENTIALS_FILE: file })).stdout, 'listed 0\n');
      assert.equal((await list({ AWS_SHARED_CREDENTIALS_FILE: file })).stdout, 'ONEUP_PROVIDER_DENIED\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
