// The name server of a process grows older whether or not anything else of the process lives: after the life of its roles has
// ended with the store, and after a restart that finds nothing but the disk (S30).
import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { startNameService } from '../../../src/cli/name-service.ts';
import type { Config, ProberConfig } from '../../../src/config/config.ts';
import { formatStoredRrset, formatStoredSerial } from '../../../src/dns/stored-rrset.ts';
import { SnapshotFile } from '../../../src/server/snapshot-file.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { waitUntil } from '../../e2e/support/wait-until.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

const ZONE = 'ha.example.com.';
const NAME = 'web.ha.example.com.';
const keys = storeKeys('test');
const START_WALL_MS = 1_767_225_600_000;
/** Of `testConfig`: lostAfter is 10 s, staleAfter 10 min, and a stale server steps aside. */
const BEYOND_LOST_MS = 15_000;
const BEYOND_STALE_MS = 11 * 60_000;

test('a server whose life ended with the store becomes lost, then steps aside (S30)', async () => {
  await using place = await openPlace();
  const clock = createFakeClock({ startWallMs: START_WALL_MS });
  await using names = await place.serve(clock);
  const life = new AbortController();
  const store = await place.follow(names, { clock, signal: life.signal });
  assert.equal(names.report().mode, 'fresh');
  life.abort();
  await store[Symbol.asyncDispose]();
  await clock.advance(BEYOND_LOST_MS);
  assert.equal(names.report().mode, 'lost');
  await clock.advance(BEYOND_STALE_MS);
  assert.equal(names.report().mode, 'refuse');
});

test('a server that has only its disk goes on growing older, too (S30)', async () => {
  await using place = await openPlace();
  const clock = createFakeClock({ startWallMs: START_WALL_MS });
  {
    await using names = await place.serve(clock);
    await place.follow(names, { clock, signal: place.signal });
    await waitUntil('the zone to be on the disk', () => place.isKept());
    await clock.advance(3_000);
  }
  const restarted = createFakeClock({ startWallMs: clock.wallMs() });
  await using names = await place.serve(restarted);
  assert.equal(names.report().mode, 'fresh');
  await restarted.advance(BEYOND_LOST_MS);
  assert.equal(names.report().mode, 'lost');
  await restarted.advance(BEYOND_STALE_MS);
  assert.equal(names.report().mode, 'refuse');
});

async function openPlace() {
  const stateDir = await mkdtemp(join(tmpdir(), 'oneup-names-'));
  const base = testConfig();
  const config: Config = { ...base, cluster: { ...base.cluster, stateDir } };
  const stop = new AbortController();
  return {
    signal: stop.signal,
    isKept: async () => (await stat(new SnapshotFile(join(stateDir, 'p1', 'zones')).path(ZONE))).isFile(),
    serve: (clock: FakeClock) => {
      const [first] = config.cluster.probers;
      assert.ok(first !== undefined);
      const prober: ProberConfig = { ...first, listen: [{ host: '127.0.0.1', port: 0 }] };
      const unused = () => assert.fail('not used by the name server');
      return startNameService(config, prober, {
        clock,
        logger: SILENT,
        signal: stop.signal,
        pid: 1,
        uniqueId: unused,
        parentEnv: {},
      });
    },
    /** Publishes one address in a store of its own and lets the server follow it until it has loaded it. */
    follow: async (
      names: Awaited<ReturnType<typeof startNameService>>,
      { clock, signal }: { readonly clock: FakeClock; readonly signal: AbortSignal },
    ) => {
      const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
      const rrset = { name: NAME, type: 'A', ttlSeconds: 20, values: ['192.0.2.1'] } as const;
      await put(store, keys.zoneSerial(ZONE), formatStoredSerial(1));
      await put(store, keys.zoneRrset(ZONE, NAME, 'A'), formatStoredRrset({ rrset, epoch: 1, seq: 1 }));
      const view = startStoreMirror({
        store,
        root: keys.root,
        clock,
        logger: SILENT,
        watchTimeoutMs: 30_000,
        signal: stop.signal,
      });
      await clock.advance(50);
      names.follow(config, { keys, view, generation: 1, configVersion: null, report: () => undefined }, signal);
      await clock.advance(500);
      return store;
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await rm(stateDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    },
  };
}
