// A prober never ends because something about its store fails (S38): every fault is told and tried again, also one that has no
// code of its own, such as a full disk under the high-water mark. Only a first start with the wrong store is final.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { OneupError } from '../../../src/base/oneup-error.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { AppDeps } from '../../../src/cli/app-deps.ts';
import { connectStore } from '../../../src/cli/connect-store.ts';
import { openStore } from '../../../src/cli/open-store.ts';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import type { Config, ProberConfig } from '../../../src/config/config.ts';
import { initialiseCluster } from '../../../src/store/cluster-record.ts';
import { HighWater } from '../../../src/store/high-water.ts';
import { SILENT, testConfig } from '../../support/prober-world.ts';
import { put } from '../../support/store-calls.ts';

async function openPlace() {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-connect-'));
  const base = testConfig();
  const cluster = { ...base.cluster, store: { kind: 'sqlite', path: join(directory, 'oneup.db') } as const };
  const config: Config = { ...base, cluster };
  const clock = createSystemClock();
  const stop = new AbortController();
  const shared = { clock, logger: SILENT, parentEnv: {}, uniqueId: randomUUID, pid: 1 };
  const deps: AppDeps = { ...shared, signal: stop.signal };
  return {
    config,
    deps,
    highWater: await HighWater.open(join(directory, 'high-water.json')),
    initialise: async () => {
      const store = await openStore(config, deps, { create: true });
      await initialiseCluster(store, { cluster: 'test', configText: 'x', services: [], highestSeen: 0 });
      await store[Symbol.asyncDispose]();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      clock[Symbol.dispose]();
      await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
    },
  };
}

test('a disk that is full under the high-water mark is a problem to tell, and the store is used once it has room', async () => {
  await using place = await openPlace();
  await place.initialise();
  let fullFor = 2;
  const highWater = new Proxy(place.highWater, {
    get: (target, name) => {
      if (name !== 'raise') return () => target.mark();
      return async (seen: Parameters<HighWater['raise']>[0]) => {
        fullFor -= 1;
        if (fullFor >= 0) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
        return target.raise(seen);
      };
    },
  });
  const problems: OneupError[] = [];
  const { config, deps } = place;
  const connected = await connectStore({
    config,
    prober: firstOf(config),
    deps,
    highWater,
    onProblem: (problem) => problems.push(problem),
  });
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['ONEUP_STORE_UNREACHABLE', 'ONEUP_STORE_UNREACHABLE'],
  );
  assert.match(problems[0]?.message ?? '', /no space left/);
  assert.equal(place.highWater.mark()?.generation.number, 1);
  await connected.store[Symbol.asyncDispose]();
});

test('a damaged record of one service keeps nobody from connecting, and does not look like an older store (S4)', async () => {
  await using place = await openPlace();
  await place.initialise();
  const { deps, highWater } = place;
  const keys = storeKeys('test');
  const prober = firstOf(place.config);
  // Without peers, so that nobody is waited for.
  const config: Config = { ...place.config, cluster: { ...place.config.cluster, probers: [prober] } };
  const shared = { config, deps, highWater, prober };
  const connect = () => connectStore({ ...shared, onProblem: (problem) => assert.fail(problem.message) });
  const first = await connect();
  await put(first.store, keys.service('db'), JSON.stringify({ epoch: 5 }));
  await put(first.store, keys.service('web'), JSON.stringify({ epoch: 7 }));
  await first.store[Symbol.asyncDispose]();
  await (await connect()).store[Symbol.asyncDispose]();
  assert.deepEqual(highWater.mark()?.epochs, { db: 5, web: 7 });
  for (const damage of ['{"epoch":', 'null', '7', '{"epoch":"many"}', '{"epoch":-0.5}', '']) {
    const { store } = await connect();
    await put(store, keys.service('web'), damage);
    await store[Symbol.asyncDispose]();
    await (await connect()).store[Symbol.asyncDispose]();
    assert.deepEqual(highWater.mark()?.epochs, { db: 5, web: 7 }, damage);
  }
});

test('a first start without a store is final; a later one waits for it', async () => {
  await using place = await openPlace();
  const { config, deps, highWater } = place;
  const first = connectStore({ config, prober: firstOf(config), deps, highWater, onProblem: () => {} });
  await assert.rejects(first, (error: OneupError) => error.code === 'ONEUP_STORE_NOT_INITIALISED');
  await highWater.raise({ generation: { number: 1, id: 'earlier' }, revision: 1, term: 0, epochs: {} });
  const told = new Promise<string>((resolve, reject) => {
    connectStore({ config, prober: firstOf(config), deps, highWater, onProblem: ({ code }) => resolve(code) }).catch(
      reject,
    );
  });
  assert.equal(await told, 'ONEUP_STORE_LOST', 'nobody is told to make a new one');
});

function firstOf({ cluster }: Config): ProberConfig {
  return cluster.probers[0] ?? assert.fail('there is no prober');
}
