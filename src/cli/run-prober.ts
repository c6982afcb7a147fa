// `oneup run`: the name server first, then the store, then the roles; and round again whenever the store or the configuration
// in force changes. The one place where a running process is put together.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startApiServer } from '../api/api-server.ts';
import type { ApiSource } from '../api/api-source.ts';
import { apiRoutes } from '../api/routes.ts';
import { OneupError } from '../base/oneup-error.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { ProberConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import { startRunner } from '../nodes/exec/start-runner.ts';
import type { Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { isOtherGeneration } from '../store/cluster-record.ts';
import type { HighWater } from '../store/high-water.ts';
import { compareWithStore } from '../store/high-water-mark.ts';
import { startStoreMirror } from '../store/store-mirror.ts';
import { isGuardOfCluster } from './agree-on-guard.ts';
import type { AppDeps } from './app-deps.ts';
import { configInForce } from './config-in-force.ts';
import { type Connected, connectStore, openHighWater, readMark } from './connect-store.ts';
import { guardPath } from './guard-path.ts';
import { type Incarnation, startIncarnation } from './incarnation.ts';
import { type NameService, startNameService } from './name-service.ts';
import { reloadConfig } from './reload-config.ts';
import { startRetention } from './retention.ts';
import { socketPath } from './socket-path.ts';
import { storeHealth } from './store-health.ts';
import { VERSION } from './version.ts';

export type RunOptions = { readonly configFile: string; readonly loaded: LoadedConfig; readonly prober: ProberConfig };

/** How often the high-water mark is raised, and a lost store is given up to be opened again. */
const HOUSEKEEPING_MS = 1_000;
const REOPEN_AFTER_MS = 3_000;
const FIRST_LIST_LOOK_MS = 10;

/** Resolves after a clean stop. Rejects with the OneupError that made a start impossible. */
export async function runProber(options: RunOptions, deps: AppDeps): Promise<void> {
  const app = new App(options, deps);
  await app.run();
}

type Life = {
  readonly connected: Connected;
  readonly view: StoreView;
  readonly loaded: LoadedConfig;
  readonly incarnation: Incarnation;
};

class App {
  readonly #options: RunOptions;
  readonly #deps: AppDeps;
  #life: Life | null = null;
  #problem: OneupError = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the store: it has not been opened yet');
  #differs = false;

  constructor(options: RunOptions, deps: AppDeps) {
    this.#options = options;
    this.#deps = { processId: deps.uniqueId(), ...deps };
  }

  async run(): Promise<void> {
    const { loaded, prober } = this.#options;
    const { stateDir } = loaded.config.cluster;
    await mkdir(join(stateDir, prober.id), { recursive: true, mode: 0o700 });
    await using stack = new AsyncDisposableStack();
    const highWater = await openHighWater(loaded.config, prober);
    const names = stack.use(await startNameService(loaded.config, prober, this.#deps));
    stack.use(
      await startApiServer({
        socketPath: socketPath(stateDir, prober.id),
        routes: this.#routes(names),
        logger: this.#deps.logger,
      }),
    );
    const { clock, parentEnv, logger, signal } = this.#deps;
    const runner = stack.use(
      await startRunner({
        clock,
        guardPath: guardPath(loaded.config.cluster),
        parentEnv,
        killMs: loaded.config.cluster.timing.killTimeMs,
      }),
    );
    logger.info({ version: VERSION, dns: names.endpoints, pid: this.#deps.pid }, 'oneup runs');
    while (!signal.aborted) {
      const connected = await this.#connect(highWater);
      if (connected === null) return;
      await this.#withStore(connected, { names, runner });
    }
  }

  async #connect(highWater: HighWater): Promise<Connected | null> {
    const { loaded, prober } = this.#options;
    const { logger, signal } = this.#deps;
    try {
      return await connectStore({
        config: loaded.config,
        prober,
        highWater,
        deps: this.#deps,
        onProblem: (problem) => {
          if (problem.code !== this.#problem.code)
            logger.error({ code: problem.code, remedy: problem.remedy }, problem.message);
          this.#problem = problem;
        },
      });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Follows one opened store through any number of configurations, until it is lost for good or the process stops. */
  async #withStore(
    connected: Connected,
    parts: Pick<Parameters<typeof startIncarnation>[0], 'names' | 'runner'>,
  ): Promise<void> {
    const { store } = connected;
    const { clock, logger, signal } = this.#deps;
    const following = new AbortController();
    const keys = storeKeys(this.#options.loaded.config.cluster.name);
    const view = startStoreMirror({
      store,
      root: keys.root,
      clock,
      logger,
      watchTimeoutMs: this.#options.loaded.config.cluster.timing.watchTimeoutMs,
      signal: AbortSignal.any([signal, following.signal]),
    });
    try {
      await this.#firstList(view, store);
      while (!signal.aborted && view.revision() > 0 && (await this.#live(connected, view, parts)) === 'reconfigured');
    } finally {
      this.#life = null;
      following.abort();
      await store[Symbol.asyncDispose]();
    }
  }

  /** Waits until the mirror holds the records; gives up on a store that is lost before they came, so that it is opened anew. */
  async #firstList(view: StoreView, store: Store): Promise<void> {
    const { clock, signal } = this.#deps;
    let isReady = false;
    void view.ready.then(() => {
      isReady = true;
    });
    const beganAtMonoMs = clock.monotonicMs();
    while (!isReady && !signal.aborted) {
      await clock.sleep(FIRST_LIST_LOOK_MS, { signal }).catch(() => undefined);
      const isLost = store.health().kind === 'lost';
      if (isLost && clock.monotonicMs() - beganAtMonoMs > REOPEN_AFTER_MS) return;
    }
  }

  async #live(
    connected: Connected,
    view: StoreView,
    parts: Pick<Parameters<typeof startIncarnation>[0], 'names' | 'runner'>,
  ): Promise<'reconfigured' | 'storeLost' | 'stopped'> {
    const keys = storeKeys(this.#options.loaded.config.cluster.name);
    const version = view.get(keys.config)?.version ?? null;
    const { loaded, mayLead, differs } = configInForce(view.get(keys.config)?.value, {
      ...this.#options,
      logger: this.#deps.logger,
    });
    this.#differs = differs;
    const { store, meta, highWater } = connected;
    const hasGuard = await this.#hasGuard(store);
    const { prober, configFile } = this.#options;
    const incarnation = startIncarnation({
      deps: this.#deps,
      configFile,
      loaded,
      prober,
      store,
      view,
      meta,
      highWater,
      mayLead: mayLead && hasGuard,
      configVersion: version,
      ...parts,
    });
    this.#life = { connected, view, loaded, incarnation };
    const end = new AbortController();
    const stopWatching = view.onChange(keys.config, () => {
      if ((view.get(keys.config)?.version ?? null) !== version) end.abort('reconfigured');
    });
    // It may have changed while the roles were being started.
    if ((view.get(keys.config)?.version ?? null) !== version) end.abort('reconfigured');
    const retention = startRetention({
      store,
      keys,
      services: loaded.config.services,
      logger: this.#deps.logger,
      isLeading: incarnation.isLeading,
    });
    try {
      return await Promise.race([
        this.#keepHouse(connected, view, end),
        incarnation.failed,
        aborted(this.#deps.signal),
      ]);
    } finally {
      end.abort('stopped');
      retention.stop();
      stopWatching();
      this.#life = null;
      await incarnation.end();
    }
  }

  async #hasGuard(store: Store): Promise<boolean> {
    const { uniqueId, logger } = this.#deps;
    const { config } = this.#options.loaded;
    return isGuardOfCluster({ store, config, uniqueId }, logger);
  }

  async #keepHouse(connected: Connected, view: StoreView, end: AbortController): Promise<'reconfigured' | 'storeLost'> {
    const { clock, logger } = this.#deps;
    const { store, meta, highWater } = connected;
    const keys = storeKeys(this.#options.loaded.config.cluster.name);
    let marked = 0;
    for (;;) {
      await clock.sleep(HOUSEKEEPING_MS, { signal: end.signal }).catch(() => undefined);
      if (end.signal.aborted) return 'reconfigured';
      const health = store.health();
      if (health.kind === 'lost') {
        if (this.#problem.code !== health.code) logger.error({ code: health.code }, health.reason);
        this.#problem = new OneupError('ONEUP_STORE_UNREACHABLE', health.reason);
        if (clock.monotonicMs() - health.sinceMonoMs > REOPEN_AFTER_MS) return 'storeLost';
        continue;
      }
      // Somebody has begun a new generation (S4): everything is read anew.
      if (isOtherGeneration(view.get(keys.meta)?.value, meta)) return 'storeLost';
      if (view.revision() === marked) continue;
      marked = view.revision();
      try {
        const seen = await readMark(store, this.#options.loaded.config, meta);
        if (compareWithStore(highWater.mark(), seen).kind !== 'ok') return 'storeLost';
        await highWater.raise(seen);
      } catch (error) {
        logger.debug({ err: error }, 'the high-water mark is not raised now');
      }
    }
  }

  #routes(names: NameService): ReturnType<typeof apiRoutes> {
    return apiRoutes({
      source: () => this.#source(),
      self: () => this.#self(names),
      testAlert: async (channel) => this.#life?.incarnation.testAlert(channel) ?? {},
      reload: (request) =>
        reloadConfig({
          ...request,
          configFile: this.#options.configFile,
          source: this.#source(),
          prober: this.#options.prober.id,
        }),
    });
  }

  #source(): ApiSource {
    if (this.#life === null) throw this.#problem;
    const { connected, view, loaded, incarnation } = this.#life;
    const { clock, uniqueId } = this.#deps;
    const { config } = loaded;
    const keys = storeKeys(config.cluster.name);
    return { config, keys, view, store: connected.store, clock, session: incarnation.session, uniqueId };
  }

  #self(names: NameService): object {
    const life = this.#life;
    const { prober, loaded } = this.#options;
    return {
      prober: prober.id,
      vantage: prober.vantage,
      version: VERSION,
      pid: this.#deps.pid,
      isLeading: life?.incarnation.isLeading() ?? false,
      store:
        life === null
          ? { kind: 'lost', code: this.#problem.code, reason: this.#problem.message }
          : storeHealth(life.connected, this.#deps.clock),
      dns: names.report(),
      config: { fileDigest: loaded.digest, inForceDigest: life?.loaded.digest ?? null, differs: this.#differs },
    };
  }
}

function aborted(signal: AbortSignal): Promise<'stopped'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stopped');
    else signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
