// ZooKeeper with much in it: values and commits larger than its packets, thousands of keys, and nothing that is left behind.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { StoreWrite } from '../../src/ports/store.ts';
import { SEQ_END } from '../../src/store/store-backend.ts';
import { BlobFiles } from '../../src/store/zookeeper/blob-files.ts';
import {
  openZookeeperBackend,
  openZookeeperStore,
  type ZookeeperStoreOptions,
} from '../../src/store/zookeeper/open-zookeeper-store.ts';
import { getChildren, multi, single } from '../../src/store/zookeeper/questions.ts';
import { storeLayout } from '../../src/store/zookeeper/store-layout.ts';
import { startZookeeper, type ZookeeperServer, type ZookeeperServers } from '../support/servers/zookeeper-server.ts';
import { commit, follow, mustGet, put } from '../support/store-calls.ts';
import { askZookeeper, countZnodes, withConnection } from '../support/zookeeper-world.ts';

const MIB = 1024 * 1024;
const LOG_REVISIONS_MAX = 20;
/** A znode for the blob, and four for its pieces of 256 KiB. */
const ZNODES_OF_MIB = 5;
const HOUR_MS = 3_600_000;

describe('much in ZooKeeper', () => {
  const clock = createSystemClock();
  const running: { all?: ZookeeperServers } = {};
  before(async () => {
    running.all = await startZookeeper();
  });
  after(() => running.all?.[Symbol.asyncDispose]());

  function server(): ZookeeperServer {
    return running.all?.servers[0] ?? assert.fail('the server did not start');
  }

  function options(changes: Partial<ZookeeperStoreOptions> = {}): ZookeeperStoreOptions {
    const open = { username: null, password: null, tls: null, create: true, endpoints: [server()] };
    const timing = { clock, bounds: { rho: 0.01, marginMs: 100 }, callTimeoutMs: 20_000 };
    return { cluster: `test-${randomUUID()}`, ...open, ...timing, ...changes };
  }

  function count(cluster: string, folder: string): Promise<number> {
    return countZnodes(server(), `/oneup/${cluster}/${folder}`);
  }

  test('forty values of 1 MiB are got, listed, watched, and found by a client that comes later', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await using other = await openZookeeperStore(shared);
    await using watch = follow(other, '/', 0);
    const textOf = (at: number) => `${at}`.padEnd(MIB, 'x');
    for (let at = 0; at < 40; at += 1) await put(store, `/big/${String(at).padStart(2, '0')}`, textOf(at));
    await using late = await openZookeeperStore(shared);
    for (const client of [store, other, late]) {
      const { entries } = await client.list('/big/');
      assert.equal(entries.length, 40);
      assert.ok(entries.every(({ value }, at) => value === textOf(at)));
    }
    for (let tried = 0; watch.events.length < 40 && tried < 1_200; tried += 1) await sleep(50);
    assert.ok(watch.events.every((event, at) => event.kind === 'put' && event.entry.value === textOf(at)));
    assert.equal(watch.events.length, 40);
  });

  test('5,000 keys are listed exactly, while others write', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    for (let first = 0; first < 5_000; first += 500) {
      const keys = Array.from({ length: 500 }, (_, at) => `/p/${String(first + at).padStart(5, '0')}`);
      const writes = keys.map((key): StoreWrite => ({ kind: 'put', key, value: '0' }));
      assert.equal((await commit(store, { writes })).kind, 'committed');
    }
    await using reader = await openZookeeperStore(shared);
    const writing = { isOn: true };
    const writer = (async () => {
      // Two keys far from each other always change together.
      for (let value = 1; writing.isOn; value += 1) {
        const writes = ['/p/00000', '/p/04999'].map((key): StoreWrite => ({ kind: 'put', key, value: `${value}` }));
        await commit(store, { writes });
      }
    })();
    for (let round = 0; round < 5; round += 1) {
      const { entries, revision } = await reader.list('/p/');
      assert.equal(entries.length, 5_000);
      assert.equal(entries[0]?.value, entries[4_999]?.value);
      assert.ok(entries.every(({ version }) => version <= revision));
    }
    writing.isOn = false;
    await writer;
  });

  test('the largest commits fit, and what can never fit is refused before anything is written', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    const sixteen = Array.from(
      { length: 16 },
      (_, at): StoreWrite => ({ kind: 'put', key: `/${at}`, value: 'y'.repeat(MIB) }),
    );
    assert.equal((await commit(store, { writes: sixteen })).kind, 'committed');
    const medium = Array.from(
      { length: 60 },
      (_, at): StoreWrite => ({ kind: 'put', key: `/m/${at}`, value: '\u0001'.repeat(100_000) }),
    );
    assert.equal((await commit(store, { writes: medium })).kind, 'committed');
    const many = Array.from(
      { length: 3_000 },
      (_, at): StoreWrite => ({ kind: 'put', key: `/breadcrumb/service/${at}`, value: '{"kind":"unknown"}' }),
    );
    assert.equal((await commit(store, { writes: many })).kind, 'committed');
    const { revision } = await store.list('/none');
    const blobs = await count(shared.cluster, 'blob');
    const names = Array.from(
      { length: 4_096 },
      (_, at): StoreWrite => ({ kind: 'put', key: `/${at}`.padEnd(500, '/'), value: '1' }),
    );
    await assert.rejects(commit(store, { writes: names }), { code: 'ONEUP_STORE_LIMIT' });
    assert.equal((await store.list('/none')).revision, revision);
    assert.equal(await count(shared.cluster, 'blob'), blobs);
    assert.equal((await mustGet(store, '/m/7')).value.length, 100_000);
    assert.equal((await store.list('/breadcrumb/')).entries.length, 3_000);
  });

  test('the log keeps its length, and large values go when nothing refers to them', async () => {
    const shared = options({ logRevisionsMax: LOG_REVISIONS_MAX });
    await using store = await openZookeeperStore(shared);
    for (let round = 0; round < 5; round += 1) await put(store, '/big', `${round}`.padEnd(MIB, 'x'));
    await put(store, '/gone', 'x'.repeat(MIB));
    await commit(store, { writes: [{ kind: 'delete', key: '/gone' }] });
    const guards = [{ kind: 'absent', key: '/big' }] as const;
    const refused = await commit(store, { guards, writes: [{ kind: 'put', key: '/never', value: 'x'.repeat(MIB) }] });
    assert.equal(refused.kind, 'conflict');
    assert.equal(await count(shared.cluster, 'blob'), 6 * ZNODES_OF_MIB, 'watches may still ask for older values');
    for (let round = 0; round < LOG_REVISIONS_MAX; round += 1) await put(store, '/small', String(round));
    assert.equal(await count(shared.cluster, 'log'), LOG_REVISIONS_MAX);
    assert.equal(await count(shared.cluster, 'blob'), ZNODES_OF_MIB);
    assert.equal((await mustGet(store, '/big')).value.length, MIB);
  });

  test('of two large values that meet, the one that was refused does not stay', async () => {
    const shared = options();
    await using one = await openZookeeperStore(shared);
    await using two = await openZookeeperStore(shared);
    const guards = [{ kind: 'absent', key: '/big' }] as const;
    const writes = [{ kind: 'put', key: '/big', value: 'x'.repeat(MIB) }] as const;
    const results = await Promise.all([one, two].map((store) => commit(store, { guards, writes })));
    assert.deepEqual(results.map(({ kind }) => kind).sort(), ['committed', 'conflict']);
    for (let tried = 0; (await count(shared.cluster, 'blob')) > ZNODES_OF_MIB && tried < 1_200; tried += 1)
      await sleep(50);
    assert.equal(await count(shared.cluster, 'blob'), ZNODES_OF_MIB);
  });

  test('a client that slept longer than the log reaches back says so to its watches', async () => {
    const shared = options({ logRevisionsMax: LOG_REVISIONS_MAX });
    const { signal } = new AbortController();
    // Nobody listens to its hints, so it sleeps until it is asked.
    const sleeper = await openZookeeperBackend(shared);
    await using store = await openZookeeperStore(shared);
    const { revision } = await sleeper.look(signal);
    for (let round = 0; round <= LOG_REVISIONS_MAX; round += 1) await put(store, '/k', String(round));
    const page = await sleeper.changesAfter('', { revision, seq: SEQ_END }, signal);
    const seen = await sleeper.look(signal);
    const later = await sleeper.changesAfter('', { revision, seq: SEQ_END }, signal);
    assert.equal(seen.revision, revision + LOG_REVISIONS_MAX + 1);
    assert.equal(later.kind, 'trimmed');
    assert.ok(page.kind === 'trimmed' || page.changes.length === 0, 'never a part of what happened');
    const next = await put(store, '/k', 'next');
    await sleeper.look(signal);
    const after = await sleeper.changesAfter('', later.next, signal);
    assert.deepEqual(after.kind === 'changes' && after.changes.map((change) => change.revision), [next]);
    sleeper.close();
  });

  test('a log that is longer than it should be is trimmed, sixteen with each commit', async () => {
    const shared = options();
    {
      await using long = await openZookeeperStore(shared);
      for (let round = 0; round < 100; round += 1) await put(long, '/k', String(round));
    }
    await using short = await openZookeeperStore({ ...shared, logRevisionsMax: LOG_REVISIONS_MAX });
    await put(short, '/k', '1');
    assert.equal(await count(shared.cluster, 'log'), 100 + 1 - 16);
    for (let round = 0; round < 8; round += 1) await put(short, '/k', String(round));
    assert.equal(await count(shared.cluster, 'log'), LOG_REVISIONS_MAX);
  });

  test('a session with more keys than a packet holds ends at one revision, and nothing of it stays (S5)', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await using other = await openZookeeperStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: 60_000 });
    const keys = Array.from({ length: 900 }, (_, at) => `/${String(at).padStart(4, '0')}`.padEnd(400, '/'));
    for (let first = 0; first < keys.length; first += 100) {
      const writes = keys
        .slice(first, first + 100)
        .map((key): StoreWrite => ({ kind: 'put', key, value: '1', sessionId: session.id }));
      assert.equal((await commit(store, { writes })).kind, 'committed');
    }
    const { revision } = await other.list('');
    await using watch = follow(other, '/', revision);
    await session.close();
    assert.deepEqual((await other.list('')).entries, []);
    assert.equal(await count(shared.cluster, 'data'), 0);
    assert.equal(await count(shared.cluster, 'session'), 0);
    for (let tried = 0; watch.events.length < keys.length && tried < 1_200; tried += 1) await sleep(50);
    assert.deepEqual(
      watch.events.map((event) => (event.kind === 'delete' ? event.key : event.kind)),
      keys,
    );
    assert.equal(new Set(watch.events.map((event) => (event.kind === 'delete' ? event.revision : 0))).size, 1);
    await put(store, keys.at(-1) ?? '', '2');
    assert.equal((await other.list('')).entries.length, 1);
  });

  test('a key whose session is gone is read by nobody, and swept by the next that opens (S5)', async () => {
    const shared = options();
    await using before_ = await openZookeeperStore(shared);
    await put(before_, '/k', '1');
    const line = JSON.stringify({ version: 1, session: { id: 's', incarnation: 1 } });
    const path = storeLayout(shared.cluster, null, 1).paths.dataOf('/orphan');
    const owner = { scheme: 'world', id: 'anyone' };
    await askZookeeper(server(), single({ kind: 'create', path, data: Buffer.from(`${line}\n1`), owner }));
    assert.equal(await before_.get('/orphan'), null);
    assert.equal(await count(shared.cluster, 'data'), 2);
    await using next = await openZookeeperStore(shared);
    assert.equal(await count(shared.cluster, 'data'), 1);
    assert.deepEqual(
      (await next.list('')).entries.map(({ key }) => key),
      ['/k'],
    );
    await put(before_, '/orphan', '2');
    assert.equal((await mustGet(next, '/orphan')).value, '2');
  });

  test('a large value that nobody refers to goes after an hour of the server, not sooner', async () => {
    const shared = options();
    await using store = await openZookeeperStore(shared);
    await put(store, '/k', 'x'.repeat(MIB));
    const { paths, owner } = storeLayout(shared.cluster, null, 1);
    const files = new BlobFiles(paths, owner);
    await withConnection(server(), async (asking) => {
      const kept = await files.write(asking, Buffer.alloc(MIB, 'k'));
      await files.write(asking, Buffer.alloc(MIB, 's'));
      assert.equal(await count(shared.cluster, 'blob'), 3 * ZNODES_OF_MIB);
      const used = await askZookeeper(server(), getChildren(paths.blob));
      const known = new Set(
        (used.value?.names ?? [])
          .filter((id) => id !== kept.id)
          .slice(0, 1)
          .concat(kept.id),
      );
      await files.sweep(asking, known, Date.now() + HOUR_MS / 2);
      assert.equal(await count(shared.cluster, 'blob'), 3 * ZNODES_OF_MIB);
      await files.sweep(asking, known, Date.now() + 2 * HOUR_MS);
      assert.equal(await count(shared.cluster, 'blob'), 2 * ZNODES_OF_MIB);
      assert.equal((await files.read(asking, kept))?.length, MIB);
      const check = multi([files.check(kept)]);
      assert.equal((await askZookeeper(server(), check)).value?.failed, null);
      await files.remove(asking, [kept]);
      assert.equal((await askZookeeper(server(), check)).value?.failed?.at, 0, 'no commit can refer to it any more');
      assert.equal(await files.read(asking, kept), null);
    });
  });
});
