// What can go wrong with a write to Route 53: each has its own code, says whether it may have been done, repeats no secret, and
// nothing is lost or written twice.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { OneupError } from '../../../../src/base/oneup-error.ts';
import type { ApplyResult, ProviderErrorCode } from '../../../../src/ports/dns-provider.ts';
import {
  a,
  assertApplied,
  assertConflict,
  create,
  NAME,
  OTHER_ZONE,
  txt,
  ZONE,
} from '../../../conformance/provider-samples.ts';
import type { AccessKey } from '../../../doubles/route53/access.ts';
import { FAILING, type Fault, NO_FAULT, UNAVAILABLE } from '../../../doubles/route53/fault.ts';
import { keysOf } from '../../../support/provider-world-route53.ts';
import { held, Route53Bench } from './bench.ts';

const WRITE = [create(txt('"mine"')), create(a('192.0.2.1'))];

describe('the Route 53 provider', () => {
  let bench: Route53Bench;
  before(async () => {
    bench = await Route53Bench.open();
  });
  beforeEach(() => {
    bench.double.fault = NO_FAULT;
    bench.double.skewMs = 0;
  });
  after(() => bench[Symbol.asyncDispose]());

  const as = (key: AccessKey) => bench.connect({ credentials: keysOf(key) });
  const assertFailed = (result: ApplyResult, code: ProviderErrorCode, applied: string, retryable: boolean) => {
    assert.ok(result.kind === 'failed', JSON.stringify(result));
    assert.deepEqual([result.code, result.applied, result.retryable], [code, applied, retryable], result.reason);
  };
  const meet = (fault: Fault, operation = 'ChangeResourceRecordSets') => {
    bench.double.fault = (request) => (request.operation === operation ? fault : null);
  };
  const assertUntouched = async () => assert.deepEqual(await bench.list(), []);

  test('a zone id that nobody has', async () => {
    const lost = bench.connect({ zones: { [ZONE]: 'ZNOBODY' } });
    assertFailed(await bench.apply(WRITE, { by: lost }), 'ONEUP_PROVIDER_ZONE_UNKNOWN', 'none', false);
    await assert.rejects(bench.list([NAME], lost), { code: 'ONEUP_PROVIDER_ZONE_UNKNOWN' });
  });

  test('the id of another zone', async () => {
    const other = bench.double.zones.all().find(({ name }) => name === OTHER_ZONE);
    const lost = bench.connect({ zones: { [ZONE]: other?.id ?? '' } });
    assertFailed(await bench.apply(WRITE, { by: lost }), 'ONEUP_PROVIDER_ZONE_UNKNOWN', 'none', false);
  });

  test('a zone that is not configured is not asked for', async () => {
    bench.calls();
    const result = await bench.apply([create({ ...a('192.0.2.1'), name: 'a.example.org.' })], { zone: 'example.org.' });
    assertFailed(result, 'ONEUP_PROVIDER_ZONE_UNKNOWN', 'none', false);
    const signal = new AbortController().signal;
    await assert.rejects(bench.provider.list('example.org.', { names: [], signal }), {
      code: 'ONEUP_PROVIDER_ZONE_UNKNOWN',
    });
    assert.deepEqual(bench.calls(), []);
  });

  test('a key that may read and not write, or that may write another name only', async () => {
    const reader = bench.double.addKey({ policy: { actions: ['ListResourceRecordSets'] } });
    assertFailed(await bench.apply(WRITE, { by: as(reader) }), 'ONEUP_PROVIDER_DENIED', 'none', false);
    const policy = { actions: ['ChangeResourceRecordSets'], recordNames: ['other.example.com'] };
    const other = await bench.apply(WRITE, { by: as(bench.double.addKey({ policy })) });
    assertFailed(other, 'ONEUP_PROVIDER_DENIED', 'none', false);
    assert.match(other.kind === 'failed' ? other.reason : '', /AccessDenied.*route53:ChangeResourceRecordSets/);
    await assertUntouched();
  });

  test('the policy of the README is enough to create, replace, remove, list and confirm', async () => {
    const policy = {
      actions: ['ChangeResourceRecordSets', 'ListResourceRecordSets', 'GetHostedZone', 'GetChange'],
      recordNames: ['app.example.com', '_oneup.app.example.com'],
      recordTypes: ['A', 'AAAA', 'TXT'],
      changeActions: ['CREATE', 'DELETE'],
    };
    const by = as(bench.double.addKey({ policy }));
    const owner = { ...txt('"one"'), name: `_oneup.${NAME}` };
    assertApplied(await bench.apply([create(owner), create(a('192.0.2.1'))], { by }));
    const moved = await bench.apply(
      [
        { before: owner, after: { ...owner, values: ['"two"'] } },
        { before: a('192.0.2.1'), after: a('192.0.2.2') },
      ],
      { by },
    );
    assert.ok(moved.kind === 'applied');
    await by.confirm(moved.changeId, { signal: new AbortController().signal });
    assert.equal((await bench.list([NAME, owner.name], by)).length, 2);
    const removal = [
      { before: { ...owner, values: ['"two"'] }, after: null },
      { before: a('192.0.2.2'), after: null },
    ];
    assertApplied(await bench.apply(removal, { by }));
  });

  test('wrong and expired credentials, and no secret in what is said of them', async () => {
    const secret = 'a-secret-that-nobody-may-see';
    const token = 'a-token-that-nobody-may-see';
    const cases: readonly (readonly [AccessKey, boolean])[] = [
      [{ ...bench.key, secretAccessKey: secret }, false],
      [{ ...bench.key, accessKeyId: 'AKIANOBODY', secretAccessKey: secret }, false],
      [{ ...bench.double.addKey({ sessionToken: token }), secretAccessKey: secret }, false],
      [bench.double.addKey({ secretAccessKey: secret, sessionToken: token, expiresAtMs: 1 }), true],
    ];
    for (const [key, retryable] of cases) {
      const result = await bench.apply(WRITE, { by: as(key) });
      assertFailed(result, 'ONEUP_PROVIDER_DENIED', 'none', retryable);
      assert.doesNotMatch(JSON.stringify(result), /nobody-may-see|Canonical|Signature=/);
      await assert.rejects(bench.list([NAME], as(key)), (error: OneupError) => {
        assert.ok(error instanceof OneupError && error.cause === undefined);
        return error.code === 'ONEUP_PROVIDER_DENIED' && !/nobody-may-see|Canonical/.test(error.message);
      });
    }
    await assertUntouched();
  });

  test('no credentials at all', async () => {
    const credentials = { kind: 'profile', profile: 'oneup-has-no-such-profile' } as const;
    const result = await bench.apply(WRITE, { by: bench.connect({ credentials }) });
    assertFailed(result, 'ONEUP_PROVIDER_DENIED', 'none', false);
  });

  test('a clock that is an hour wrong is told, and tried again', async () => {
    for (const [clockForm, hours] of [
      ['RequestExpired', 1],
      ['SignatureDoesNotMatch', 1],
      ['SignatureDoesNotMatch', -1],
    ] as const) {
      bench.double.clockForm = clockForm;
      bench.double.skewMs = hours * 3_600_000;
      const result = await bench.apply(WRITE, { by: bench.connect() });
      assertFailed(result, 'ONEUP_PROVIDER_DENIED', 'none', true);
      assert.match(result.kind === 'failed' ? result.reason : '', /the clock of this machine/);
    }
  });

  test('a record that exists and is not ours stays as it is', async () => {
    bench.edit(held(NAME, 'A', ['198.51.100.9']));
    const foreign = a('198.51.100.9');
    assertConflict(await bench.apply(WRITE), [foreign]);
    assert.deepEqual(await bench.list(), [foreign]);
    assertApplied(await bench.apply([{ before: foreign, after: null }]));
  });

  test('a CNAME beside other data, other data beside a CNAME, and a CNAME at the apex', async () => {
    const cname = { name: NAME, type: 'CNAME', ttlSeconds: 120, values: ['www.example.net.'] } as const;
    bench.edit(held(NAME, 'A', ['192.0.2.9']));
    assertFailed(await bench.apply([create(cname)]), 'ONEUP_PROVIDER_RECORD_CONFLICT', 'none', false);
    // In one batch the address may make room.
    assertApplied(await bench.apply([create(cname), { before: a('192.0.2.9'), after: null }]));
    assertFailed(await bench.apply([create(a('192.0.2.1'))]), 'ONEUP_PROVIDER_RECORD_CONFLICT', 'none', false);
    assertApplied(await bench.apply([{ before: cname, after: null }]));
    const apex = { ...cname, name: ZONE };
    assertFailed(await bench.apply([create(apex)]), 'ONEUP_PROVIDER_RECORD_CONFLICT', 'none', false);
  });

  test('a value that Route 53 does not take', async () => {
    assertFailed(await bench.apply([create(a('not-an-ip'))]), 'ONEUP_PROVIDER_REFUSED', 'none', false);
    await assertUntouched();
  });

  test('a record that changed between read and write', async () => {
    assertApplied(await bench.apply(WRITE));
    bench.edit(held(NAME, 'A', ['192.0.2.1'], { TTL: 30 }));
    const change = [
      { before: txt('"mine"'), after: txt('"next"') },
      { before: a('192.0.2.1'), after: a('192.0.2.2') },
    ];
    const result = await bench.apply(change);
    assert.ok(result.kind === 'conflict');
    assert.match(result.reason, /TTL 30, expected .* TTL 120/);
    assert.deepEqual(await bench.list(), [a('192.0.2.1', 30), txt('"mine"')]);
    assertApplied(
      await bench.apply([
        { before: a('192.0.2.1', 30), after: null },
        { before: txt('"mine"'), after: null },
      ]),
    );
  });

  test('an answer that is lost, though it was done, and the same again', async () => {
    meet({ kind: 'dropAfter' });
    assertFailed(await bench.apply(WRITE), 'ONEUP_PROVIDER_UNANSWERED', 'unknown', true);
    bench.double.fault = NO_FAULT;
    assertConflict(await bench.apply(WRITE), [a('192.0.2.1'), txt('"mine"')]);
    assertApplied(await bench.apply(WRITE.map(({ after: done }) => ({ before: done as never, after: null }))));
  });

  test('a write that is applied a minute late, after a rollback, is refused', async () => {
    assertApplied(await bench.apply(WRITE));
    const release = Promise.withResolvers<void>();
    meet({ kind: 'late', until: release.promise });
    const move = (from: string, to: string, seq: string, next: string) => [
      { before: txt(`"${seq}"`), after: txt(`"${next}"`) },
      { before: a(from), after: a(to) },
    ];
    assertFailed(
      await bench.apply(move('192.0.2.1', '192.0.2.2', 'mine', '2')),
      'ONEUP_PROVIDER_UNANSWERED',
      'unknown',
      true,
    );
    bench.double.fault = NO_FAULT;
    // The rollback raises the TXT (S26), so what was held cannot find the one it was made for.
    assertApplied(await bench.apply([{ before: txt('"mine"'), after: txt('"3"') }]));
    const at = bench.double.seen.findLast(({ status }) => status === null);
    release.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(at?.status, 400, 'it arrived and was refused');
    assert.deepEqual(await bench.list(), [a('192.0.2.1'), txt('"3"')]);
    assertApplied(
      await bench.apply([
        { before: a('192.0.2.1'), after: null },
        { before: txt('"3"'), after: null },
      ]),
    );
  });

  test('throttled for as long as it lasts, with the time that Route 53 asks for', async () => {
    for (const [code, status] of [
      ['Throttling', 400],
      ['PriorRequestNotComplete', 400],
      ['SomethingElse', 429],
    ] as const) {
      meet({ kind: 'refuse', status, code, headers: { 'retry-after': '7' } });
      bench.calls();
      const result = await bench.apply(WRITE);
      assertFailed(result, 'ONEUP_PROVIDER_THROTTLED', 'none', true);
      assert.equal(result.kind === 'failed' ? result.retryAfterMs : null, 7_000);
      assert.deepEqual(bench.calls(), ['ChangeResourceRecordSets'], 'one call and no retry');
    }
    meet({ kind: 'refuse', status: 400, code: 'Throttling' }, 'ListResourceRecordSets');
    await assert.rejects(bench.list(), { code: 'ONEUP_PROVIDER_THROTTLED' });
    await assertUntouchedLater();
  });

  test('a control plane that fails, hangs or is somebody else', async () => {
    const short = bench.connect({ timeoutMs: 300 });
    const outcomes: readonly (readonly [Fault, ProviderErrorCode])[] = [
      [FAILING, 'ONEUP_PROVIDER_UNANSWERED'],
      [UNAVAILABLE, 'ONEUP_PROVIDER_UNANSWERED'],
      [{ kind: 'hang' }, 'ONEUP_PROVIDER_UNANSWERED'],
      [{ kind: 'garbage' }, 'ONEUP_PROVIDER_ANSWER_INVALID'],
    ];
    for (const [fault, code] of outcomes) {
      bench.double.fault = () => fault;
      bench.calls();
      assertFailed(await bench.apply(WRITE, { by: short }), code, 'unknown', true);
      assert.deepEqual(bench.calls(), ['ChangeResourceRecordSets'], 'one call and no retry');
      const listCode = code === 'ONEUP_PROVIDER_UNANSWERED' ? 'ONEUP_PROVIDER_UNREACHABLE' : code;
      await assert.rejects(bench.list([NAME], short), { code: listCode });
      const signal = new AbortController().signal;
      await assert.rejects(short.confirm('C1', { signal }), OneupError);
    }
    await assertUntouchedLater();
  });

  test('an answer without end is cut off', async () => {
    bench.double.fault = () => ({ kind: 'endless' });
    assertFailed(await bench.apply(WRITE), 'ONEUP_PROVIDER_ANSWER_INVALID', 'unknown', true);
    await assert.rejects(bench.list(), { code: 'ONEUP_PROVIDER_ANSWER_INVALID' });
    await assertUntouchedLater();
  });

  test('a caller that gives up while it waits is told that nobody knows', async () => {
    const caller = new AbortController();
    bench.double.fault = () => {
      // It has been sent by now: one that gives up before that knows that nothing was written.
      setImmediate(() => caller.abort());
      return { kind: 'hang' };
    };
    assertFailed(await bench.apply(WRITE, { signal: caller.signal }), 'ONEUP_PROVIDER_UNANSWERED', 'unknown', true);
  });

  test('a name that Route 53 answers by a rule of its own is not touched', async () => {
    const rule = { Name: 'rule.example.com', Type: 'A', SetIdentifier: 'eu', Region: 'eu-west-1' };
    bench.edit(held('rule.example.com', 'A', ['192.0.2.9'], rule));
    await assert.rejects(bench.list(['rule.example.com.']), { code: 'ONEUP_PROVIDER_RECORD_CONFLICT' });
    bench.edit(
      held('checked.example.com', 'A', ['192.0.2.9'], { HealthCheckId: 'abcdef11-2222-3333-4444-555555fedcba' }),
    );
    await assert.rejects(bench.list(['checked.example.com.']), { code: 'ONEUP_PROVIDER_RECORD_CONFLICT' });
    const result = await bench.apply([create({ ...a('192.0.2.1'), name: 'rule.example.com.' })]);
    assertFailed(result, 'ONEUP_PROVIDER_RECORD_CONFLICT', 'none', false);
  });

  async function assertUntouchedLater(): Promise<void> {
    bench.double.fault = NO_FAULT;
    await assertUntouched();
  }
});
