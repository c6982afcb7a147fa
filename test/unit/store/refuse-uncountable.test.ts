// A number in the store that nothing could be above: `recover` and `init --force` say whose it is before they mark or write anything,
// and go on once it is corrected (S4).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COUNT_MAX } from '../../../src/base/count-max.ts';
import type { Store } from '../../../src/ports/store.ts';
import { initialiseCluster, readMeta } from '../../../src/store/cluster-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { overwriteCluster } from '../../../src/store/overwrite-cluster.ts';
import { recoverCluster } from '../../../src/store/recover-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const CLUSTER = {
  cluster: 'prod',
  configText: 'x',
  services: [{ id: 'web', nodes: ['a', 'b'] }],
  highestSeen: 0,
};
const NOTHING = {
  cluster: 'prod',
  services: CLUSTER.services,
  highestGeneration: 0,
  highestTerm: 0,
  epochs: new Map(),
};
const HUGE = Number.MAX_SAFE_INTEGER;

async function stored(): Promise<Store> {
  const store = new MemoryStoreWorld().connect({ clock: createFakeClock(), bounds: { rho: 0.01, marginMs: 100 } });
  await initialiseCluster(store, CLUSTER);
  await put(
    store,
    '/oneup/prod/service/web',
    '{"epoch":6,"step":9,"crumbVersion":4,"dns":{"seq":4},"failed":{"b":{"why":"disk"}}}',
  );
  return store;
}

const COMMANDS = [
  ['recover', (store: Store) => recoverCluster(store, NOTHING)],
  ['init --force', (store: Store) => overwriteCluster(store, CLUSTER)],
] as const;

const ABSURD: readonly (readonly [string, string, string, RegExp])[] = [
  [
    'a generation',
    'meta',
    `{"cluster":"prod","schema":1,"generation":{"number":${HUGE},"id":"x"}}`,
    /prod\/meta generation\.number is 9/,
  ],
  ['a term', 'term', `{"term":${HUGE},"holder":"p1"}`, /prod\/term term is 9007199254740991/],
  ['a bare term', 'term', String(COUNT_MAX + 1), /prod\/term is 1000000000001/],
  ['an epoch', 'service/web', `{"epoch":${HUGE}}`, /service\/web epoch is 9/],
  ['an epoch below zero', 'service/web', '{"epoch":-1}', /service\/web epoch is -1/],
  ['an epoch that is a text', 'service/web', '{"epoch":"6"}', /service\/web epoch is "6"/],
  ['a step beyond what JavaScript counts', 'service/web', '{"epoch":1,"step":1e300}', /service\/web step is 1e\+300/],
  ['a number of DNS writes', 'service/web', `{"epoch":1,"dns":{"seq":${HUGE}}}`, /service\/web dns\.seq is 9/],
  [
    'a number of DNS writes at a second provider',
    'service/web',
    `{"epoch":1,"seconds":{"far example.com.":{"dns":{"seq":${HUGE}}}}}`,
    /service\/web seconds far example\.com\. dns\.seq is 9/,
  ],
  [
    'a version of a breadcrumb',
    'breadcrumb/web/a',
    `{"kind":"down","version":${HUGE}}`,
    /breadcrumb\/web\/a version is 9/,
  ],
];

for (const [command, run] of COMMANDS) {
  describe(`${command} of a store with an absurd number`, () => {
    for (const [what, key, value, message] of ABSURD) {
      test(`${what} is told by its record, and nothing is written`, async () => {
        await using store = await stored();
        const whole = (await mustGet(store, `/oneup/prod/${key}`)).value;
        await put(store, `/oneup/prod/${key}`, value);
        const before = await store.list('');
        await assert.rejects(run(store), { code: 'ONEUP_REFUSED', message });
        await assert.rejects(run(store), { message: /S4\.absurd-number: / });
        assert.equal((await store.list('')).revision, before.revision, 'nothing was written');
        // Corrected by hand, it goes on as if nothing had been.
        await put(store, `/oneup/prod/${key}`, whole);
        await run(store);
        assert.equal((await readMeta(store, 'prod')).generation.number, 2);
      });
    }
  });
}

test('the highest number that is taken is counted above', async () => {
  await using store = await stored();
  await put(store, '/oneup/prod/service/web', `{"epoch":${COUNT_MAX}}`);
  await recoverCluster(store, NOTHING);
  assert.equal(JSON.parse((await mustGet(store, '/oneup/prod/service/web')).value).epoch, COUNT_MAX + 1);
});

test('many of them are told in a message that can be read', async () => {
  await using store = await stored();
  for (let at = 0; at < 50; at += 1) await put(store, `/oneup/prod/service/s${at}`, `{"epoch":${HUGE}}`);
  await assert.rejects(recoverCluster(store, NOTHING), { message: /service\/s1\b.* and 45 more$/ });
});
