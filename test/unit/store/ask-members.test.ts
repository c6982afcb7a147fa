// Members are asked at once and each answers for itself; whoever is late is silent, and what they say reaches no terminal raw.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { MemberAnswer } from '../../../src/ports/store-member.ts';
import { askMembers } from '../../../src/store/ask-members.ts';
import { memberFault } from '../../../src/store/member-fault.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const GOOD: MemberAnswer = { state: 'leads', version: '1', bytes: 1, reason: null };
const never = () => new Promise<never>(() => undefined);

test('one that never answers, and does not heed its signal, is silent at the deadline and spoils nobody', async () => {
  const clock = createFakeClock();
  const signals: AbortSignal[] = [];
  const rows = askMembers(
    [
      {
        name: 'a',
        ask: (signal) => {
          signals.push(signal);
          return never();
        },
      },
      { name: 'b', ask: async () => GOOD },
      { name: 'c', ask: () => Promise.reject(new Error('connect ECONNREFUSED 192.0.2.1:2379')) },
    ],
    { clock, timeoutMs: 1_000, signal: new AbortController().signal },
  );
  await clock.advance(1_000);
  const silent = { state: 'silent', version: null, bytes: null };
  assert.deepEqual(await rows, [
    { name: 'a', ...silent, reason: 'no answer within 1000 ms' },
    { name: 'b', ...GOOD },
    { name: 'c', ...silent, reason: 'connection refused' },
  ]);
  assert.ok(signals.every(({ aborted }) => aborted));
  assert.equal(clock.pendingCount(), 0, 'no timer is left');
});

test('a process that ends waits for nobody', async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  const rows = askMembers([{ name: 'a', ask: never }], { clock, timeoutMs: 1_000, signal: stop.signal });
  stop.abort(new Error('the process ends'));
  assert.equal((await rows)[0]?.reason, 'the process ends');
  assert.equal(clock.pendingCount(), 0);
});

test('the innermost cause is told: silence by its name, everything else as a refusal in one short line', () => {
  const wrapped = (message: string) =>
    new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot reach it, value was x', { cause: new Error(message) });
  const cases: readonly (readonly [unknown, string])[] = [
    [wrapped('connect EHOSTUNREACH 192.0.2.1:5432'), 'silent: no route to it'],
    [wrapped('getaddrinfo ENOTFOUND db.example.com'), 'silent: its name is not known'],
    [wrapped('read ECONNRESET'), 'silent: the connection was closed'],
    [
      Object.assign(new AggregateError([new Error('connect ECONNREFUSED ::1:1')], ''), {}),
      'silent: connection refused',
    ],
    [
      wrapped('password authentication failed for user "oneup"'),
      'refuses: password authentication failed for user "oneup"',
    ],
    [wrapped('\u001b[2Jgone\r\n\u202eback'), 'refuses: [2Jgone back'],
    [new OneupError('ONEUP_STORE_CORRUPT', 'its own words'), 'refuses: its own words'],
    ['no error at all', 'refuses: an error without a message'],
  ];
  for (const [error, expected] of cases) {
    const { state, reason } = memberFault(error);
    assert.equal(`${state}: ${reason}`, expected);
  }
  assert.ok((memberFault(wrapped('x'.repeat(10_000))).reason ?? '').length < 250);
});
