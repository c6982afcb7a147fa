// One store of a kind, on a real server of its own where it needs one, and three clients of it as three probers would have.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OneupError } from '../../src/base/oneup-error.ts';
import type { AppDeps } from '../../src/cli/app-deps.ts';
import { openStore } from '../../src/cli/open-store.ts';
import { createSystemClock, type SystemClock } from '../../src/clock/system-clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { Store } from '../../src/ports/store.ts';
import { SILENT, testConfig } from '../../test/support/prober-world.ts';
import { startEngine } from '../../test/support/servers/engines.ts';
import type { StoreKind } from './settings.ts';

export type StorePlace = AsyncDisposable & {
  readonly kind: StoreKind;
  readonly config: Config;
  readonly clock: SystemClock;
  readonly clients: readonly [Store, Store, Store];
};

/** What a call may take on a busy machine: a slow answer is to be measured, not to be called a fault. */
const CALL_TIMEOUT = '5s';
const OPEN_ATTEMPTS = 50;
const RETRY_MS = 200;

export async function openStorePlace(kind: StoreKind): Promise<StorePlace> {
  await using opened = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'oneup-bench-store-'));
  opened.defer(() => rm(directory, { recursive: true, force: true }));
  const engine = kind === 'sqlite' ? null : opened.use(await startEngine(kind, CALL_TIMEOUT));
  const written = engine?.written ?? `{ kind: sqlite, path: ${join(directory, 'oneup.db')} }`;
  const config = testConfig(['{ kind: sqlite, path: var/test.db }', written], ['sessionTtl: 2s', 'sessionTtl: 15s']);
  const clock = opened.use(createSystemClock());
  const end = new AbortController();
  opened.defer(() => end.abort(new Error('the benchmark is over')));
  const deps: AppDeps = {
    clock,
    logger: SILENT,
    parentEnv: {} as AppDeps['parentEnv'],
    uniqueId: () => crypto.randomUUID(),
    signal: end.signal,
    pid: process.pid,
  };
  const open = async (create: boolean) => opened.use(await openPatiently(config, deps, create));
  const clients = [await open(true), await open(false), await open(false)] as const;
  const all = opened.move();
  return { kind, config, clock, clients, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A server that has just been started may refuse for a moment. */
async function openPatiently(config: Config, deps: AppDeps, create: boolean): Promise<Store> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openStore(config, deps, { create });
    } catch (error) {
      if ((error as OneupError).code !== 'ONEUP_STORE_UNREACHABLE' || attempt === OPEN_ATTEMPTS) throw error;
      await deps.clock.sleep(RETRY_MS, { signal: deps.signal });
    }
  }
}
