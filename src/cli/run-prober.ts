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
import type { Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import type { HighWater } from '../store/high-water.ts';
import { startStoreMirror } from '../store/store-mirror.ts';
import { type AgentListener, startAgentListener } from './agent-listener.ts';
import { isGuardOfCluster } from './agree-on-guard.ts';
import type { AppDeps } from './app-deps.ts';
import { configInForce, loadedConfig } from './config-in-force.ts';
import { ConfigNews } from './config-news.ts';
import { askVantages } from './connect/ask-vantages.ts';
import { type Connected, connectStore, openHighWater } from './connect-store.ts';
import { loadProviders } from './create-provider.ts';
import { describeSelf } from './describe-self.ts';
import { type Incarnation, startIncarnation } from './incarnation.ts';
import { keepHouse, REOPEN_AFTER_MS } from './keep-house.ts';
import { type LifeEnd, WHY_ENDED, whenStopped } from './life-end.ts';
import { type NameService, startNameService } from './name-service.ts';
import { openMembers } from './open-members.ts';
import { openRunner } from './open-runner.ts';
import { succeedPredecessors } from './predecessors.ts';
import { type ProcessDeps, processDeps } from './process-deps.ts';
import { reloadConfig } from './reload-config.ts';
import { startRetention } from './retention.ts';
import { socketPath } from './socket-path.ts';
import { VERSION } from './version.ts';

export type RunOptions = {
  readonly configFile: string;
  readonly loaded: LoadedConfig;
  readonly prober: ProberConfig;
  /** The agent that runs in this process too [none]; told to the others. */
  readonly agent?: string;
  /** Called once: everything that others can ask stands. */
  readonly onListening?: () => void;
};

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
  readonly inForceDigest: string | null;
  readonly configVersion: number | null;
  readonly incarnation: Incarnation;
};

class App {
  readonly #options: RunOptions;
  readonly #deps: ProcessDeps;
  readonly #news: ConfigNews;
  #life: Life | null = null;
  #before: Pick<Life, 'loaded' | 'view'> | null = null;
  #agents: AgentListener | null = null;
  #problem: OneupError = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the store: it has not been opened yet');

  constructor(options: RunOptions, deps: AppDeps) {
    this.#options = options;
    this.#deps = processDeps(options, deps);
    this.#news = new ConfigNews(deps.logger);
  }

  async run(): Promise<void> {
    const { loaded, prober } = this.#options;
    const { stateDir } = loaded.config.cluster;
    const { book, logger, signal } = this.#deps;
    await mkdir(join(stateDir, prober.id), { recursive: true, mode: 0o700 });
    await using stack = new AsyncDisposableStack();
    const highWater = await openHighWater(loaded.config, prober);
    const names = stack.use(await startNameService(loaded.config, prober, this.#deps));
    stack.use(
      await startApiServer({ socketPath: socketPath(stateDir, prober.id), routes: this.#routes(names), logger }),
    );
    book.succeed(stack.use(succeedPredecessors(join(stateDir, prober.id), { peer: book.peer, logger })).ended);
    this.#agents = stack.use(await this.#listenForAgents());
    const runner = stack.use(await openRunner(loaded.config.cluster, this.#deps));
    const { endpoints } = this.#agents;
    logger.info({ version: VERSION, dns: names.endpoints, api: endpoints, pid: this.#deps.pid }, 'oneup runs');
    this.#options.onListening?.();
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
  ): Promise<LifeEnd> {
    const keys = storeKeys(this.#options.loaded.config.cluster.name);
    const version = view.get(keys.config)?.version ?? null;
    const { loaded, standing, inForceDigest } = configInForce(view.get(keys.config)?.value, {
      ...this.#options,
      logger: this.#deps.logger,
    });
    await loadProviders(loaded.config.providers);
    const { store, meta, metaVersion, highWater } = connected;
    const { prober, configFile, agent = null } = this.#options;
    const incarnation = startIncarnation({
      deps: this.#deps,
      configFile,
      loaded,
      prober,
      ...{ store, view, meta, metaVersion, highWater, standing, agent },
      hasGuard: await this.#hasGuard(store),
      configVersion: version,
      inForceDigest,
      onProposal: (proposal) => this.#news.proposed(proposal),
      ...parts,
    });
    this.#life = { connected, view, loaded, inForceDigest, configVersion: version, incarnation };
    this.#before = { loaded, view };
    this.#agents?.follow(loaded.config);
    this.#news.inForce(inForceDigest);
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
    let ended: LifeEnd = 'stopped';
    try {
      ended = await Promise.race([
        keepHouse({
          connected,
          view,
          config: this.#options.loaded.config,
          clock: this.#deps.clock,
          logger: this.#deps.logger,
          onLost: (health) => this.#lost(health),
          signal: end.signal,
        }),
        incarnation.failed,
        whenStopped(this.#deps.signal),
      ]);
      return ended;
    } finally {
      end.abort('stopped');
      retention.stop();
      stopWatching();
      this.#life = null;
      await incarnation.end(WHY_ENDED[ended]);
    }
  }

  async #hasGuard(store: Store): Promise<boolean> {
    const { uniqueId, logger } = this.#deps;
    return isGuardOfCluster({ store, config: this.#options.loaded.config, uniqueId }, logger);
  }

  #lost({ code, reason }: { readonly code: string; readonly reason: string }): void {
    if (this.#problem.code !== code) this.#deps.logger.error({ code }, reason);
    this.#problem = new OneupError('ONEUP_STORE_UNREACHABLE', reason);
  }

  #listenForAgents(): Promise<AgentListener> {
    const source = () => ({ ...this.#source(), configVersion: this.#life?.configVersion ?? null });
    const { loaded, prober } = this.#options;
    return startAgentListener({ config: loaded.config, prober, deps: this.#deps, source, before: () => this.#before });
  }

  #routes(names: NameService): ReturnType<typeof apiRoutes> {
    return apiRoutes({
      source: () => this.#source(),
      self: () => this.#self(names),
      members: openMembers(this.#options.loaded.config, this.#deps, () => this.#life?.connected.store),
      propagation: (service) => this.#lifeNow().incarnation.propagation(service),
      testFence: (asked) => this.#lifeNow().incarnation.testFence(asked),
      testAlert: async (channel) => this.#life?.incarnation.testAlert(channel) ?? {},
      reload: (request) =>
        reloadConfig({
          ...request,
          configFile: this.#options.configFile,
          source: this.#source(),
          prober: this.#options.prober.id,
        }),
      connect: ({ digest }) => {
        const { configFile, prober } = this.#options;
        const { signal } = this.#deps;
        return askVantages({ source: () => this.#source(), prober: prober.id, configFile, digest, signal });
      },
    });
  }

  /** Throws what is wrong while there is no store. */
  #lifeNow(): Life {
    if (this.#life === null) throw this.#problem;
    return this.#life;
  }

  #source(): ApiSource {
    const { connected, view, loaded, inForceDigest, incarnation } = this.#lifeNow();
    const { clock, uniqueId } = this.#deps;
    const { config } = loaded;
    const { session, ages, outside } = incarnation;
    const loadText = (text: string) => loadedConfig(text, this.#options.configFile);
    const store = { store: connected.store, view, keys: storeKeys(config.cluster.name) };
    return { ...store, ...outside, config, ages, inForceDigest, clock, session, uniqueId, loadText };
  }

  #self(names: NameService): object {
    const { prober, loaded } = this.#options;
    const { pid, clock } = this.#deps;
    const { problem, life } = { problem: this.#problem, life: this.#life };
    const before = this.#before ?? { loaded, view: null };
    const served = { dns: names.report(), serving: names.state() };
    return describeSelf({ prober, pid, clock, problem, life, before, ...served, fileDigest: loaded.digest });
  }
}
