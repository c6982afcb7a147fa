// `init --force` and `recover` of a cluster larger than one commit, the same for every engine: whoever looks at the store in the
// middle is refused by name, whoever leads does so no more, and what was cut off is repeated (S4, S8).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { storeKeys } from '../../src/base/store-keys.ts';
import { runElection } from '../../src/controller/election.ts';
import type { CommitRequest, Store } from '../../src/ports/store.ts';
import { initialiseCluster, isOtherGeneration, readMeta, readStanding } from '../../src/store/cluster-record.ts';
import { overwriteCluster } from '../../src/store/overwrite-cluster.ts';
import { recoverCluster } from '../../src/store/recover-cluster.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { SILENT, testConfig } from '../support/prober-world.ts';
import { commit, mustGet, put } from '../support/store-calls.ts';
import type { StoreClient, StoreWorld } from '../support/store-world.ts';

const keys = storeKeys('test');
/** Two breadcrumbs and three deletes each: more than one commit takes. */
const services = Array.from({ length: 1_300 }, (_, at) => ({ id: `s${at}`, nodes: ['a', 'b'] }));
const CLUSTER = { cluster: 'test', configText: 'x', services, highestSeen: 0 };
const RECOVERY = { cluster: 'test', services, highestGeneration: 0, highestTerm: 0, epochs: new Map() };
const HELD = { term: 7, holder: 'p1', state: 'held', ttlMs: 2_000 };

const COMMANDS = [
  { name: 'init --force', run: (store: Store) => overwriteCluster(store, CLUSTER), token: /^init-/ },
  { name: 'recover', run: (store: Store) => recoverCluster(store, RECOVERY), token: /^recover-/ },
] as const;

/** The same store, in which `before` is called ahead of each commit, with its number. */
function spied(store: Store, before: (at: number, request: CommitRequest) => Promise<void>): Store {
  let at = 0;
  const spy: Store['commit'] = async (request) => {
    at += 1;
    await before(at, request);
    return store.commit(request);
  };
  return new Proxy(store, {
    get: (target, name) => {
      const value = Reflect.get(target, name);
      return name === 'commit' ? spy : typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

async function cutOffAt(store: Store, commitAt: number, run: (store: Store) => Promise<unknown>): Promise<void> {
  const dying = spied(store, async (at) => {
    if (at === commitAt) throw new Error('the process dies');
  });
  await assert.rejects(run(dying), /the process dies/);
}

async function largeCluster(world: StoreWorld): Promise<StoreClient> {
  const client = await world.connect();
  const { store } = client;
  await initialiseCluster(store, CLUSTER);
  await put(store, keys.term, JSON.stringify(HELD));
  await put(store, keys.grant('s7'), '{}');
  // More old records than go away in one commit.
  for (let from = 0; from < 1_500; from += 500) {
    const writes = Array.from({ length: 500 }, (_, at) => {
      return { kind: 'put', key: keys.reply(`r${from + at}`), value: '{}' } as const;
    });
    assert.equal((await commit(store, { writes })).kind, 'committed');
  }
  return client;
}

/** The worlds of one engine; its server is started by the file that calls this. */
export function rebuildTests(engine: string, makeWorld: () => Promise<StoreWorld>): void {
  describe(`a cluster that is begun anew on ${engine}`, () => {
    for (const { name, run, token } of COMMANDS) {
      test(`${name}: every commit but the first is guarded by its mark, and the record comes last`, async () => {
        await using world = await makeWorld();
        const { store } = await largeCluster(world);
        const seen: CommitRequest[] = [];
        const before = await readMeta(store, 'test');
        await run(spied(store, async (_, request) => void seen.push(request)));
        const [begin, ...rest] = seen;
        assert.ok(begin !== undefined && rest.length >= 3, `${seen.length} commits`);
        const guards = rest.map((request) => JSON.stringify(request.guards));
        assert.equal(new Set(guards).size, 1, 'one mark for all');
        for (const request of rest) {
          assert.deepEqual(
            request.guards.map((guard) => 'key' in guard && guard.key),
            [keys.meta],
          );
          assert.match(request.token, token);
        }
        const writers = seen.map(({ writes }) => writes.some(({ key }) => key === keys.meta));
        assert.deepEqual(
          writers.flatMap((writes, at) => (writes ? [at] : [])),
          [0, seen.length - 1],
        );
        assert.equal((await readMeta(store, 'test')).generation.number, before.generation.number + 1);
        assert.equal(await store.get(keys.grant('s7')), null);
      });

      test(`${name}: cut off in the middle, it is no cluster to anybody, and is repeated`, async () => {
        await using world = await makeWorld();
        const { store } = await largeCluster(world);
        const before = await readMeta(store, 'test');
        await cutOffAt(store, 3, run);
        await assert.rejects(readMeta(store, 'test'), { code: 'ONEUP_STORE_REBUILDING', message: new RegExp(name) });
        assert.equal(isOtherGeneration((await mustGet(store, keys.meta)).value, before), true, 'who runs, ends');
        await run(store);
        assert.equal((await readMeta(store, 'test')).generation.number, 2);
        const crumbs = await store.list(`${keys.root}breadcrumb/`);
        assert.equal(crumbs.entries.length, 2_600);
        assert.ok(crumbs.entries.every(({ value }) => value.includes('unknown')));
      });

      test(`${name}: a second run takes it over, and the first writes nothing more`, async () => {
        await using world = await makeWorld();
        const { store } = await largeCluster(world);
        const mark = 'of the new cluster';
        const crossed = spied(store, async (at) => {
          if (at !== 3) return;
          await run(store);
          await put(store, keys.grant('s7'), mark);
        });
        await assert.rejects(run(crossed), { code: 'ONEUP_STORE_LOST', message: /Cannot (overwrite|recover) cluster/ });
        assert.equal((await readMeta(store, 'test')).generation.number, 2);
        assert.equal((await mustGet(store, keys.grant('s7'))).value, mark);
      });
    }

    test('a number that nothing can be above is told by its record, and nothing is written', async () => {
      await using world = await makeWorld();
      const { store } = await largeCluster(world);
      await put(store, keys.service('s7'), `{"epoch":${Number.MAX_SAFE_INTEGER}}`);
      const { revision } = await store.list(keys.root);
      for (const { run } of COMMANDS)
        await assert.rejects(run(store), { code: 'ONEUP_REFUSED', message: /service\/s7 epoch is 9007199254740991/ });
      assert.equal((await store.list(keys.root)).revision, revision);
    });

    test('a controller of the generation that is going away commits nothing more, and none campaigns', async () => {
      await using world = await makeWorld();
      const { store, clock } = await largeCluster(world);
      const { version: metaVersion } = await readStanding(store, 'test');
      const { version: termVersion } = await mustGet(store, keys.term);
      await cutOffAt(store, 3, (broken) => recoverCluster(broken, RECOVERY));
      const guards = [{ kind: 'version', key: keys.term, version: termVersion }] as const;
      assert.equal((await commit(store, { guards })).kind, 'conflict');
      assert.deepEqual(
        JSON.parse((await mustGet(store, keys.term)).value),
        { ...HELD, term: 8 },
        'S9: it is waited for',
      );
      const stop = new AbortController();
      const shared = { store, clock: clock as never, logger: SILENT, signal: stop.signal };
      const view = startStoreMirror({ ...shared, root: keys.root, watchTimeoutMs: 10_000 });
      const deps = { ...shared, id: 'p1', config: testConfig(), keys, view, metaVersion, uniqueId: randomUUID };
      let terms = 0;
      let refused = 0;
      const watched = spied(store, async (_, { guards: found }) => {
        if (found.some((guard) => 'key' in guard && guard.key === keys.meta)) refused += 1;
      });
      const lead = async () => {
        terms += 1;
        return { isAtRest: true };
      };
      void runElection({ ...deps, store: watched } as never, { mayCampaign: () => true, lead });
      for (let turn = 0; turn < 800 && refused < 2; turn += 1) {
        await world.pass(50);
        await world.settle();
      }
      stop.abort();
      assert.ok(refused >= 2, 'it has tried');
      assert.equal(terms, 0);
      assert.equal(await store.get(keys.controller), null);
      assert.equal(JSON.parse((await mustGet(store, keys.term)).value).term, 8);
    });

    test('recover does not go on with what init has half deleted; init --force ends either', async () => {
      await using world = await makeWorld();
      const { store } = await largeCluster(world);
      await cutOffAt(store, 3, (broken) => overwriteCluster(broken, CLUSTER));
      await assert.rejects(initialiseCluster(store, CLUSTER), {
        code: 'ONEUP_STORE_REBUILDING',
        message: /init --force/,
      });
      await assert.rejects(recoverCluster(store, RECOVERY), {
        code: 'ONEUP_STORE_REBUILDING',
        message: /init --force/,
      });
      await overwriteCluster(store, CLUSTER);
      await cutOffAt(store, 3, (broken) => recoverCluster(broken, RECOVERY));
      await overwriteCluster(store, CLUSTER);
      assert.equal((await readMeta(store, 'test')).generation.number, 3);
    });
  });
}
