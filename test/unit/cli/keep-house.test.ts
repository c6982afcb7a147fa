// Whatever hangs while a prober looks after its store, the life under an old configuration ends at once (S7); and a store that
// is lost for some seconds is given up.
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { keepHouse } from '../../../src/cli/keep-house.ts';
import { initialiseCluster } from '../../../src/store/cluster-record.ts';
import { HighWater } from '../../../src/store/high-water.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';
import { settled } from '../../support/store-calls.ts';

test('a disk that hangs under the high-water mark does not keep an old configuration alive (S7)', async () => {
  let isHanging = false;
  await using house = await openHouse(() => {
    isHanging = true;
    return new Promise(() => undefined);
  });
  await house.clock.advance(1_500);
  assert.ok(isHanging, 'it is being written');
  assert.equal(house.ended(), null);
  house.reconfigure();
  await settled();
  assert.equal(house.ended(), 'reconfigured');
});

test('a store that is lost is told, and given up after three seconds', async () => {
  await using house = await openHouse(async () => undefined);
  await house.clock.advance(2_500);
  house.cut();
  await house.clock.advance(2_000);
  assert.equal(house.ended(), null);
  assert.deepEqual([...new Set(house.lost)], ['ONEUP_STORE_UNREACHABLE']);
  await house.clock.advance(3_000);
  assert.equal(house.ended(), 'storeLost');
});

/** With a mark that is on no disk, so that fake time does not wait for a real one. */
async function openHouse(raise: () => Promise<void>) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const reconfigured = new AbortController();
  const config = testConfig();
  let isCut = false;
  const fault = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot reach the store: it is cut off');
  const faults = { before: () => (isCut ? fault : null) };
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 }, faults });
  const meta = await initialiseCluster(store, { cluster: 'test', configText: 'x', services: [], highestSeen: 0 });
  const view = startStoreMirror({
    store,
    root: storeKeys('test').root,
    clock,
    logger: SILENT,
    watchTimeoutMs: 30_000,
    signal: stop.signal,
  });
  await clock.advance(50);
  const kept = await HighWater.open(join(tmpdir(), 'oneup-not-there', 'high-water.json'));
  const highWater = new Proxy(kept, {
    get: (target, name) => {
      return name === 'mark' ? () => target.mark() : raise;
    },
  });
  const lost: string[] = [];
  let ended: string | null = null;
  void keepHouse({
    connected: { store, meta, highWater },
    view,
    config,
    clock,
    logger: SILENT,
    onLost: ({ code }) => void lost.push(code),
    signal: reconfigured.signal,
  }).then((why) => {
    ended = why;
  });
  return {
    clock,
    lost,
    ended: () => ended,
    reconfigure: () => reconfigured.abort(),
    cut: () => {
      isCut = true;
    },
    [Symbol.asyncDispose]: async () => {
      reconfigured.abort();
      stop.abort();
      await clock.advance(500);
    },
  };
}
