// Servers that stand still, die or lose answers: nothing acknowledged is lost, no doubt is hidden, and all goes on afterwards.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { startFaultyLink } from '../support/faulty-link.ts';
import { commit, follow, mustGet, put, putIsTold } from '../support/store-calls.ts';
import {
  CALL_TIMEOUT_MS,
  clock,
  type EngineUnderTest,
  type ServerUnderTest,
  storeOptions,
  succeeds,
  TTL_MS,
  until,
} from './postgres-and-mysql-engine.ts';

const KILLS = 3;
const COMMITS_BEFORE_KILL = 150;

export function outageTests(engine: EngineUnderTest, getServer: () => ServerUnderTest): void {
  describe(`${engine.name}: outages`, () => {
    test('a server that stands still: calls end in time, sessions at their deadline, and all goes on afterwards', async () => {
      const server = getServer();
      await using store = await engine.openStore(storeOptions(engine, server, { callTimeoutMs: CALL_TIMEOUT_MS }));
      const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
      const revision = await put(store, '/k', '1', session.id);
      await using watch = follow(store, '/', revision);
      server.setStopped(true);
      try {
        await assert.rejects(store.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
        assert.equal(typeof (await session.lost), 'string');
        assert.ok(session.mayActUntilBootMs() < clock.bootMs());
        assert.equal(store.health().kind, 'lost');
      } finally {
        server.setStopped(false);
      }
      await until('the store answers', () => succeeds(store.get('/k')));
      await until('its health is good', async () => (await succeeds(put(store, '/h', '1'))) && isHealthy(store));
      await until('the watch says resync', () => watch.events.some(({ kind }) => kind === 'resync'));
      await until('the watch goes on', () => putIsTold(store, watch, '/after'));
    });

    test('an answer that is lost leaves a doubt, which the token settles (S6)', async () => {
      await using link = await startFaultyLink({ host: '127.0.0.1', port: getServer().port });
      await using store = await engine.openStore(storeOptions(engine, link));
      await put(store, '/k', '0');
      link.set('answersLost');
      const token = randomUUID();
      const result = await store.commit({ guards: [], writes: [{ kind: 'put', key: '/k', value: '1' }], token });
      assert.equal(result.kind, 'unknown');
      link.set('none');
      await until('the token settles it', async () => (await outcomeOf(store, token)) === 'committed');
      assert.equal((await mustGet(store, '/k')).value, '1');
    });

    test('a commit that could not be sent throws, and was not made', async () => {
      await using link = await startFaultyLink({ host: '127.0.0.1', port: getServer().port });
      await using store = await engine.openStore(storeOptions(engine, link));
      await put(store, '/k', '0');
      link.set('refused');
      const token = randomUUID();
      // The connection may have been found dead only by sending on it: then it is a doubt.
      await until('the commit is refused', async () => !(await succeeds(commit(store, { token: randomUUID() }))));
      await assert.rejects(store.commit({ guards: [], writes: [], token }), { code: 'ONEUP_STORE_UNREACHABLE' });
      link.set('none');
      await until('the store answers', () => succeeds(store.get('/k')));
      await until('nothing is found of it', async () => (await outcomeOf(store, token)) === 'absent');
    });

    test('a call that is given up rejects at once, and the next one works', async () => {
      const server = getServer();
      const backend = await engine.openBackend(storeOptions(engine, server, { callTimeoutMs: 60_000 }));
      try {
        await backend.get('/k', new AbortController().signal);
        server.setStopped(true);
        const given = new AbortController();
        const call = backend.get('/k', given.signal);
        const waiting = backend.get('/k', given.signal);
        const ended = [call, waiting].map((one) => assert.rejects(one, { code: 'ONEUP_STORE_UNREACHABLE' }));
        given.abort(new Error('enough'));
        await Promise.all(ended);
        server.setStopped(false);
        assert.equal(await backend.get('/k', new AbortController().signal), null);
      } finally {
        server.setStopped(false);
        backend.close();
      }
    });

    test('a call that is given up takes its connection along, so that the next one does not wait behind it', async () => {
      const options = storeOptions(engine, getServer(), { callTimeoutMs: 60_000 });
      const backend = await engine.openBackend(options);
      const [endpoint = assert.fail('no endpoint')] = options.endpoints;
      const limits = { statementTimeoutMs: 60_000, signal: new AbortController().signal };
      const locking = await engine.connect(endpoint, { ...limits, login: options });
      try {
        assert.equal(await backend.get('/k', new AbortController().signal), null);
        await locking.query(engine.lockEntries(options.cluster));
        await assert.rejects(backend.get('/k', AbortSignal.timeout(500)), { code: 'ONEUP_STORE_UNREACHABLE' });
        assert.equal(await backend.outcomeOf('none', AbortSignal.timeout(30_000)), 'absent');
      } finally {
        locking.destroy();
        backend.close();
      }
    });

    test('a client that stops in the middle of a transaction holds others up no longer than its limits', async () => {
      // The lock wait is half of it, in whole seconds on one of the engines: then the refusal comes before the timeout.
      const options = storeOptions(engine, getServer(), { callTimeoutMs: 6_000 });
      await using store = await engine.openStore(options);
      await put(store, '/k', '1');
      const [endpoint = assert.fail('no endpoint')] = options.endpoints;
      // Longer than somebody waits for the lock, however late it begins to.
      const limits = { statementTimeoutMs: 10_000, signal: new AbortController().signal };
      const stopped = await engine.connect(endpoint, { ...limits, login: options });
      try {
        await stopped.query(`BEGIN; UPDATE ${engine.counter(options.cluster)} SET revision = revision + 1`);
        const held = commit(store, { writes: [{ kind: 'put', key: '/k', value: '2' }] });
        const isRefused = assert.rejects(held, { code: 'ONEUP_STORE_BUSY' });
        assert.equal((await mustGet(store, '/k')).value, '1', 'whoever only reads does not wait');
        await isRefused;
        assert.equal((await mustGet(store, '/k')).value, '1');
        await until('a commit gets through', () => succeeds(put(store, '/k', '3')));
        await until('the server has ended the transaction', () => !stopped.isOpen());
      } finally {
        stopped.destroy();
      }
    });
  });
}

/** On a server of their own, which they kill. */
export function killTests(engine: EngineUnderTest): void {
  describe(`${engine.name}: kill -9`, () => {
    let server: ServerUnderTest;
    before(async () => {
      server = await engine.start();
    });
    after(() => server?.[Symbol.asyncDispose]());

    test('under load no acknowledged commit is lost, and every doubt is settled by its token', async () => {
      const options = storeOptions(engine, server);
      await using a = await engine.openStore(options);
      await using b = await engine.openStore(options);
      const load = { acknowledged: new Map<string, number>(), doubtful: [] as string[], isOver: false };
      const writers = [a, a, b, b].map((store, index) => writeOften(store, `/w${index}`, load));
      for (let kill = 1; kill <= KILLS; kill++) {
        const enough = load.acknowledged.size + COMMITS_BEFORE_KILL;
        await until('commits are made', () => load.acknowledged.size >= enough);
        await server.killAndRestart();
      }
      load.isOver = true;
      await Promise.all(writers);
      await until('the store answers', () => succeeds(a.get('/w0/0')));
      const { entries, revision } = await a.list('/');
      const versions = new Map(entries.map(({ key, version }) => [key, version]));
      for (const [key, version] of load.acknowledged) assert.equal(versions.get(key), version, key);
      let settled = 0;
      for (const key of load.doubtful) {
        const outcome = await b.outcomeOf(key);
        assert.equal(versions.has(key), outcome === 'committed', key);
        if (outcome === 'committed') settled += 1;
      }
      assert.equal(revision, load.acknowledged.size + settled);
    });
  });
}

type Load = { readonly acknowledged: Map<string, number>; readonly doubtful: string[]; isOver: boolean };

/** Each commit puts a key of its own, which is its token too. */
async function writeOften(store: Store, prefix: string, load: Load): Promise<void> {
  for (let count = 0; !load.isOver; count++) {
    const key = `${prefix}/${count}`;
    try {
      const result = await store.commit({ guards: [], writes: [{ kind: 'put', key, value: key }], token: key });
      if (result.kind === 'committed') load.acknowledged.set(key, result.revision);
      else load.doubtful.push(key);
    } catch {
      // Nothing was sent, or the server said that nothing was done: the count of revisions shows whether that is true.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Null while the store cannot be asked: a connection may be found dead only by asking on it. */
function outcomeOf(store: Store, token: string): Promise<string | null> {
  return store.outcomeOf(token).catch(() => null);
}

function isHealthy(store: Store): boolean {
  return store.health().kind === 'reachable';
}
