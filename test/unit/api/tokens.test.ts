// Tokens: made once, listed without their secret, revoked, and bounded in number.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { FailedTries } from '../../../src/api/failed-tries.ts';
import { isSameDigest, makeToken, parseTokenRecord, readToken } from '../../../src/api/token-record.ts';
import { type CreatedToken, type ListedToken, tokenRoutes } from '../../../src/api/tokens.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { testConfig } from '../../support/prober-world.ts';
import { commit, mustGet, put } from '../../support/store-calls.ts';

const DAY_MS = 86_400_000;
const NOTHING = { params: {}, query: new URLSearchParams(), idempotencyKey: null };

function open() {
  const clock = createFakeClock();
  const memory = new MemoryStoreWorld();
  const store = memory.connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const keys = storeKeys('test');
  const source = { config: testConfig(), keys, store, clock, uniqueId: () => crypto.randomUUID() };
  const routes = tokenRoutes(() => source as unknown as ApiSource);
  const call = async <T>(path: string, body: unknown = null): Promise<T> => {
    const route = routes.find((found) => found.path === path && (found.method === 'GET') === (body === null));
    if (route === undefined) throw new RangeError(`no route ${path}`);
    const { status, body: answer } = await route.handle({ ...NOTHING, body });
    assert.equal(status, 200);
    return answer as T;
  };
  return { clock, store, keys, call };
}

describe('tokens', () => {
  test('what the store keeps is not enough to make the token again', async () => {
    const { store, keys, call, clock } = open();
    const made = await call<CreatedToken>('/v1/tokens', { agent: 'n1', expiresAfterMs: DAY_MS, note: 'rack 4' });
    const shown = readToken(made.token);
    assert.equal(shown?.id, made.id);
    const { value, sessionId } = await mustGet(store, keys.token(made.id));
    assert.equal(sessionId, null);
    assert.ok(!value.includes(made.token.slice(-43)));
    const record = parseTokenRecord(made.id, value);
    assert.deepEqual(record, {
      ...{ role: 'agent', agent: 'n1', note: 'rack 4', sha256: shown?.sha256 },
      ...{ createdWallMs: clock.wallMs(), expiresWallMs: clock.wallMs() + DAY_MS },
    });
    const other = await call<CreatedToken>('/v1/tokens', { agent: 'n1', expiresAfterMs: null, note: '' });
    assert.notEqual(other.token, made.token);
    assert.equal(other.expiresWallMs, null);
  });

  test('list shows what is expired and what is damaged, and never a digest', async () => {
    const { store, keys, call, clock } = open();
    const made = await call<CreatedToken>('/v1/tokens', { agent: 'n1', expiresAfterMs: 1_000, note: '' });
    await put(store, keys.token('000000000000'), 'not json, with a digest');
    await clock.advance(2_000);
    const { tokens } = await call<{ tokens: readonly ListedToken[] }>('/v1/tokens');
    const [damaged, expired] = tokens;
    assert.ok(damaged && 'problem' in damaged && !damaged.problem.includes('digest'));
    assert.ok(expired && !('problem' in expired) && expired.isExpired && expired.id === made.id);
    assert.doesNotMatch(JSON.stringify(tokens), /sha256/);
    assert.deepEqual(await call('/v1/tokens/revoke', { id: '000000000000' }), { id: '000000000000', revoked: true });
    assert.deepEqual(await call('/v1/tokens/revoke', { id: '000000000000' }), { id: '000000000000', revoked: false });
  });

  test('wrong requests are refused with what is wrong', async () => {
    const { call } = open();
    const good = { agent: 'n1', expiresAfterMs: null, note: '' };
    for (const [path, body] of [
      ['/v1/tokens', { ...good, agent: 'N 1' }],
      ['/v1/tokens', { ...good, agent: '../config' }],
      ['/v1/tokens', { ...good, expiresAfterMs: 1 }],
      ['/v1/tokens', { ...good, note: 'x'.repeat(201) }],
      ['/v1/tokens', { ...good, role: 'admin' }],
      ['/v1/tokens/revoke', { id: '../config/current' }],
      ['/v1/tokens/revoke', {}],
    ] as const)
      await assert.rejects(call(path, body), (error: OneupError) => error.code === 'ONEUP_USAGE');
  });

  test('more than a thousand are refused', async () => {
    const { store, keys, call } = open();
    const writes = Array.from({ length: 1_024 }, (_, at) => {
      return { kind: 'put', key: keys.token(String(at).padStart(12, '0')), value: '{}' } as const;
    });
    await commit(store, { writes });
    await assert.rejects(
      call('/v1/tokens', { agent: 'n1', expiresAfterMs: null, note: '' }),
      (error: OneupError) => error.code === 'ONEUP_REFUSED' && /oneup token revoke/.test(error.remedy),
    );
  });

  test('texts that are no token are none', () => {
    const { text, id, sha256 } = makeToken();
    assert.deepEqual(readToken(text), { id, sha256 });
    for (const wrong of [
      '',
      text.slice(1),
      `${text}x`,
      text.toUpperCase(),
      `${text}\n`,
      text.replace('oneup', 'token'),
    ])
      assert.equal(readToken(wrong), null, wrong);
    assert.ok(isSameDigest(sha256, sha256) && !isSameDigest(sha256, makeToken().sha256));
    assert.throws(() => parseTokenRecord(id, JSON.stringify({ sha256 })), OneupError);
  });
});

describe('failed tries', () => {
  test('twenty in ten seconds are one too many, for that address only, until the ten seconds are over', async () => {
    const clock = createFakeClock();
    const tries = new FailedTries(clock);
    for (let count = 1; count <= 20; count += 1) {
      assert.equal(tries.waitMs('192.0.2.1'), 0);
      assert.equal(tries.note('192.0.2.1'), count === 20);
    }
    assert.equal(tries.waitMs('192.0.2.1'), 10_000);
    assert.equal(tries.waitMs('192.0.2.2'), 0);
    await clock.advance(10_000);
    assert.equal(tries.waitMs('192.0.2.1'), 0);
  });

  test('however many addresses there are, only so many are kept', () => {
    const tries = new FailedTries(createFakeClock());
    for (let count = 0; count < 20; count += 1) tries.note('192.0.2.1');
    for (let at = 0; at < 5_000; at += 1) tries.note(`2001:db8:${at.toString(16)}::/64`);
    assert.equal(tries.waitMs('192.0.2.1'), 0, 'the oldest was forgotten');
  });
});
