// What an HTTP check may want of a body beside a text: a pattern, and a value in JSON, each on a real answer.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import type { HttpTarget, JsonExpectation } from '../../../src/config/check-target.ts';
import { listening, look } from '../../support/look.ts';

async function answerTo(body: string, change: Partial<HttpTarget>) {
  await using server = await listening(createServer((_, response) => response.end(body)));
  return await look({
    kind: 'http',
    url: `http://127.0.0.1:${server.port}/`,
    method: 'GET',
    headers: [],
    status: [[200, 200]],
    bodyContains: null,
    verifyTls: true,
    ...change,
  });
}

const BODY = JSON.stringify({ state: 'ok', lag: { seconds: 12.5 }, checks: [{ status: 'up' }], on: true, none: null });

function json(path: JsonExpectation['path'], test: JsonExpectation['test']): Partial<HttpTarget> {
  return { json: { path, test } };
}

const oneOf = (...values: readonly (string | number | boolean | null)[]) => ({ kind: 'oneOf', values }) as const;
const range = (atLeast: number | null, atMost: number | null) => ({ kind: 'range', atLeast, atMost }) as const;

describe('httpCheck and the body', () => {
  const good: readonly Partial<HttpTarget>[] = [
    { bodyMatches: '"state": *"(ok|degraded)"' },
    { bodyMatches: '(?i)STATE' },
    json(['state'], oneOf('ok', 'degraded')),
    json(['checks', 0, 'status'], oneOf('up')),
    json(['on'], oneOf(true)),
    json(['none'], oneOf(null)),
    json(['lag', 'seconds'], range(null, 30)),
    json(['lag', 'seconds'], range(12.5, null)),
    { ...json(['lag', 'seconds'], range(0, 12.5)), bodyContains: 'lag', bodyMatches: 'lag' },
  ];
  for (const change of good) {
    test(`passes: ${JSON.stringify(change)}`, async () => {
      const result = await answerTo(BODY, change);
      assert.equal(result.kind, 'pass', JSON.stringify(result));
    });
  }

  const bad: readonly [body: string, change: Partial<HttpTarget>, reason: RegExp][] = [
    [BODY, { bodyMatches: '^ok$' }, /do not match "\^ok\$"/],
    [BODY, { bodyMatches: 'state', bodyContains: 'absent' }, /lack "absent"/],
    [BODY, json(['state'], oneOf('down')), /state was "ok", expected "down"/],
    [BODY, json(['on'], oneOf('true')), /on was true, expected "true"/],
    [BODY, json(['lag', 'seconds'], range(null, 12)), /lag\.seconds was 12\.5, expected a number of at most 12/],
    [BODY, json(['state'], range(0, null)), /expected a number/],
    [BODY, json(['checks', 1, 'status'], oneOf('up')), /the body has no checks\[1\]\.status/],
    [BODY, json(['constructor'], oneOf('up')), /the body has no constructor/],
    ['<html>', json(['state'], oneOf('ok')), /the body is not JSON/],
    ['', json(['state'], oneOf('ok')), /the body is not JSON/],
    ['['.repeat(60_000), json([0], oneOf('ok')), /the body is not JSON/],
    [`${'['.repeat(30_000)}${']'.repeat(30_000)}`, json([0], oneOf('ok')), /\[0\] was a list/],
    [`{"state":"ok","x":"${'y'.repeat(70_000)}"}`, json(['state'], oneOf('ok')), /longer than 64 KiB/],
    ['a'.repeat(65_000), { bodyMatches: '(a+)+$(a|aa)*b' }, /do not match/],
  ];
  for (const [body, change, reason] of bad) {
    test(`fails: ${JSON.stringify(change)} on ${body.slice(0, 20)}`, async () => {
      const result = await answerTo(body, change);
      assert.ok(result.kind === 'fail', JSON.stringify(result));
      assert.equal(result.phase, 'body');
      assert.match(result.reason, reason);
      assert.ok(result.reason.length < 300);
    });
  }

  test('a long wanted text does not make the reason too long to be recorded', async () => {
    const result = await answerTo(BODY, { bodyContains: 'z'.repeat(60_000) });
    assert.ok(result.kind === 'fail');
    assert.ok(result.reason.length < 1_100);
  });
});
