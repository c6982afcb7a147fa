// What a name server answers from, in step with the store: whole commits, same serial same bytes, never a step into silence,
// and the snapshot on disk when there is no store.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { Config } from '../../../src/config/config.ts';
import { formatStoredRrset, formatStoredSerial } from '../../../src/dns/stored-rrset.ts';
import type { DrainTracker } from '../../../src/server/drain-tracker.ts';
import { SnapshotFile } from '../../../src/server/snapshot-file.ts';
import { ZoneFollower } from '../../../src/server/zone-follower.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';

const ZONE = 'ha.example.com.';
const NAME = 'web.ha.example.com.';
const keys = storeKeys('test');

async function openFollower(options: { readonly directory?: string } = {}) {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'oneup-zones-')));
  const clock = createFakeClock({ startWallMs: Date.now() });
  const world = new MemoryStoreWorld();
  const store = world.connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const stop = new AbortController();
  const view = startStoreMirror({
    store,
    root: keys.root,
    clock,
    logger: SILENT,
    watchTimeoutMs: 30_000,
    signal: stop.signal,
  });
  const snapshots = new SnapshotFile(directory);
  const reports = new Map<string, string>();
  const drains = new Map<string, DrainTracker>();
  let tokens = 0;
  return {
    clock,
    store,
    directory,
    reports,
    create: (config: Config = testConfig()) =>
      new ZoneFollower({ prober: 'p1', config, clock, logger: SILENT, snapshots, drains, signal: stop.signal }),
    source: (generation = 1) => ({
      keys,
      view,
      generation,
      configVersion: view.get(keys.config)?.version ?? null,
      report: (key: string, value: string | null) => void reports.set(key, value ?? ''),
    }),
    publish: async (serial: number, address: string | null, config?: string) => {
      const rrset = { name: NAME, type: 'A', ttlSeconds: 20, values: [address ?? ''] } as const;
      tokens += 1;
      await store.commit({
        guards: [],
        writes: [
          { kind: 'put', key: keys.zoneSerial(ZONE), value: formatStoredSerial(serial) },
          address === null
            ? { kind: 'delete', key: keys.zoneRrset(ZONE, NAME, 'A') }
            : {
                kind: 'put',
                key: keys.zoneRrset(ZONE, NAME, 'A'),
                value: formatStoredRrset({ rrset, epoch: 1, seq: 1 }),
              },
          ...(config === undefined ? [] : [{ kind: 'put', key: keys.config, value: config } as const]),
        ],
        token: `t${tokens}`,
      });
      await clock.advance(50);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await clock.advance(500);
      if (options.directory === undefined)
        await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    },
  };
}

/** Serial, managed address and mode of what is served. */
function served(follower: ZoneFollower): string {
  const { zones, mode } = follower.state();
  const [zone] = zones;
  if (zone?.kind !== 'loaded') return `nothing, ${mode.kind}`;
  const address = zone.snapshot.rrsets.find(({ name, type }) => name === NAME && type === 'A')?.values[0];
  return `${zone.snapshot.generation}/${zone.snapshot.serial} ${address ?? 'no address'}, ${mode.kind}`;
}

test('the answer follows the store commit by commit, and is reported once loaded (S29, S31)', async () => {
  await using world = await openFollower();
  const follower = world.create();
  await world.publish(1, '192.0.2.1');
  follower.follow(world.source());
  await world.clock.advance(300);
  assert.equal(served(follower), '1/1 192.0.2.1, fresh');
  await world.publish(2, '192.0.2.2');
  assert.equal(served(follower), '1/2 192.0.2.2, fresh');
  const report = JSON.parse(world.reports.get(keys.served('p1', NAME, 'A')) ?? '{}');
  assert.deepEqual([report.serial, report.values, report.drainMs], [2, ['192.0.2.2'], 20_000]);
});

test('a name that is published as a CNAME is reported like any other, or nobody would know when its old answers end (S31)', async () => {
  await using world = await openFollower();
  const follower = world.create();
  const rrset = { name: NAME, type: 'CNAME', ttlSeconds: 20, values: ['lb.example.net.'] } as const;
  const key = keys.zoneRrset(ZONE, NAME, 'CNAME');
  const writes = [
    { kind: 'put', key: keys.zoneSerial(ZONE), value: formatStoredSerial(1) },
    { kind: 'put', key, value: formatStoredRrset({ rrset, epoch: 1, seq: 1 }) },
  ] as const;
  await world.store.commit({ guards: [], writes, token: 'cname' });
  follower.follow(world.source());
  await world.clock.advance(300);
  const report = JSON.parse(world.reports.get(keys.served('p1', NAME, 'CNAME')) ?? '{}');
  assert.deepEqual([report.serial, report.values], [1, ['lb.example.net.']]);
});

test('a store that lost the record of a served name does not silence it (S28)', async () => {
  await using world = await openFollower();
  const follower = world.create();
  await world.publish(5, '192.0.2.1');
  follower.follow(world.source());
  await world.clock.advance(300);
  const next = world.create();
  next.inherit(follower);
  await world.publish(6, null);
  next.follow(world.source(2));
  await world.clock.advance(300);
  assert.equal(served(next), '1/5 192.0.2.1, fresh');
  await world.publish(7, '192.0.2.2');
  assert.equal(served(next), '2/7 192.0.2.2, fresh', 'a new answer is taken');
});

test('a serial that comes with another configuration is not built from the old one (S29)', async () => {
  await using world = await openFollower();
  await world.publish(1, '192.0.2.1', 'old');
  const follower = world.create();
  follower.follow(world.source());
  await world.clock.advance(300);
  await world.publish(2, '192.0.2.1', 'new');
  assert.equal(served(follower), '1/1 192.0.2.1, fresh', 'the follower of the old configuration waits to be replaced');
  const next = world.create();
  next.follow(world.source());
  await world.clock.advance(300);
  assert.equal(served(next), '1/2 192.0.2.1, fresh');
});

test('without a store the snapshot on disk is served with what its age allows (S30)', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-zones-'));
  {
    await using world = await openFollower({ directory });
    const follower = world.create();
    await world.publish(3, '192.0.2.1');
    follower.follow(world.source());
    await world.clock.advance(3_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await using world = await openFollower({ directory });
  const follower = world.create();
  assert.equal(served(follower), 'nothing, refuse');
  await follower.loadFromDisk();
  assert.match(served(follower), /^1\/3 192\.0\.2\.1, (fresh|lost)$/);
  await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
});

test('an age that the store has proven is not taken back by an older one (S30)', async () => {
  await using world = await openFollower();
  await world.publish(1, '192.0.2.1');
  const follower = world.create();
  const source = world.source();
  let confirmedAt = world.clock.monotonicMs();
  follower.follow({ ...source, view: { ...source.view, confirmedAtMonoMs: () => confirmedAt } });
  assert.equal(served(follower), '1/1 192.0.2.1, fresh');
  confirmedAt -= 60 * 60_000;
  follower.look();
  assert.equal(served(follower), '1/1 192.0.2.1, fresh');
});
