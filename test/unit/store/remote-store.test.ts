// What RemoteStore makes of an engine's answers: what counts as contact, and that nothing waits for ever.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RemoteBackend } from '../../../src/store/remote-backend.ts';
import { RemoteStore } from '../../../src/store/remote-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { follow, settled } from '../../support/store-calls.ts';

const BOUNDS = { rho: 0.01, marginMs: 100 };
const TIMEOUT_MS = 1_000;

function world(changes: Partial<RemoteBackend>) {
  const clock = createFakeClock();
  let wake: () => void = () => undefined;
  const backend: RemoteBackend = {
    kind: 'test',
    pollMs: 100,
    look: async () => ({ revision: 1, sessions: [] }),
    get: async () => null,
    list: async () => ({ entries: [], revision: 1 }),
    commit: async () => ({ kind: 'committed', revision: 2 }),
    outcomeOf: async () => 'absent',
    changesAfter: async (_prefix, cursor) => ({ kind: 'changes', changes: [], next: cursor }),
    insertSession: async ({ id, ttlMs }) => ({ id, ttlMs, incarnation: 1, beat: 1 }),
    renewSession: async () => true,
    removeSession: async () => true,
    onHint: (given) => {
      wake = given;
    },
    close: () => undefined,
    ...changes,
  };
  const store = new RemoteStore(backend, { clock, bounds: BOUNDS, callTimeoutMs: TIMEOUT_MS });
  return { store, clock, hint: () => wake() };
}

/** Answers only by the end of its patience. */
function silent<T>(signal: AbortSignal): Promise<T> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

test('changes that an engine knows from memory are no contact with it (S30)', async () => {
  let isSilent = false;
  const { store, clock, hint } = world({
    look: async (signal) => (isSilent ? silent(signal) : { revision: 1, sessions: [] }),
  });
  await using watch = follow(store, '/', 1);
  await clock.advance(200);
  isSilent = true;
  await clock.advance(500);
  hint();
  await settled();
  const health = store.health();
  assert.ok(health.kind === 'reachable' && clock.monotonicMs() - health.lastSuccessMonoMs >= 500);
  await clock.advance(2 * TIMEOUT_MS);
  assert.equal(store.health().kind, 'lost');
  assert.deepEqual(watch.events, []);
});

test('every call ends at its deadline, and says which engine was silent', async () => {
  const { store, clock } = world({
    get: (_key, signal) => silent(signal),
    commit: (_request, signal) => silent(signal),
  });
  const refused = { code: 'ONEUP_STORE_UNREACHABLE', message: /test store: no answer within 1000 ms/ };
  const read = assert.rejects(store.get('/k'), refused);
  const written = assert.rejects(store.commit({ guards: [], writes: [], token: 't' }), refused);
  await clock.advance(TIMEOUT_MS + 10);
  await Promise.all([read, written]);
});

test('a session whose renewals are silent ends at its deadline, counted from before the last that succeeded (S3)', async () => {
  let isSilent = false;
  const { store, clock } = world({ renewSession: async (_name, signal) => (isSilent ? silent(signal) : true) });
  const session = await store.openSession({ id: 's', ttlMs: 3_000 });
  await clock.advance(2_000);
  assert.ok(session.mayActUntilBootMs() > clock.bootMs() + 1_500);
  isSilent = true;
  const deadline = session.mayActUntilBootMs();
  await clock.advance(4_000);
  assert.equal(typeof (await session.lost), 'string');
  assert.ok(session.mayActUntilBootMs() < deadline);
});

test('a closed store ends what is under way', async () => {
  const { store } = world({ get: (_key, signal) => silent(signal) });
  const refused = assert.rejects(store.get('/k'), { message: /closed/ });
  await store[Symbol.asyncDispose]();
  await refused;
});
