// One controller process of a run: the real election, the real controller and the real mirror of the store, on a clock of its
// own. It can be killed, with its scripts, or stopped and continued.

import type { StoreKeys } from '../../src/base/store-keys.ts';
import type { Config } from '../../src/config/config.ts';
import { startController } from '../../src/controller/controller.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { Store } from '../../src/ports/store.ts';
import type { StoreView } from '../../src/ports/store-view.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { Mutation } from './mutation.ts';
import { createSimDriver } from './sim-driver.ts';
import type { SimNode } from './sim-node.ts';
import type { SimDns } from './sim-provider.ts';
import type { SimClock } from './virtual-time.ts';

export type SimControllerOptions = {
  readonly id: string;
  readonly run: number;
  readonly clock: SimClock;
  readonly draw: Draw;
  readonly history: History;
  readonly config: Config;
  readonly keys: StoreKeys;
  readonly store: Store;
  readonly dns: SimDns;
  readonly nodes: readonly SimNode[];
  readonly mutation: Mutation | null;
  /** Asked at every boundary of an effect: does the process die here? */
  readonly diesHere: () => boolean;
};

export class SimController {
  readonly id: string;
  readonly clock: SimClock;
  readonly #killTimeMs: number;
  readonly #isLeading: () => boolean;
  #deadlineMs = 0;
  #diedAtMs: number | null = null;

  constructor(options: SimControllerOptions) {
    const { id, run, clock, config, keys, history, dns, mutation } = options;
    this.id = id;
    this.clock = clock;
    this.#killTimeMs = config.cluster.timing.killTimeMs;
    const logger = loggerFor(id, history);
    const { signal } = new AbortController();
    const view = startStoreMirror({
      store: options.store,
      root: keys.root,
      clock,
      logger,
      watchTimeoutMs: 5_000,
      signal,
    });
    let ids = 0;
    const deps = {
      id,
      config,
      generation: 1,
      configVersion: null,
      keys,
      store: options.store,
      view: mutation === 'dnsBeforeVerify' ? stampAll(view, keys) : view,
      clock,
      logger,
      ports: {
        driver: (_service: string, node: string) => this.#driver(options, node),
        provider: () => dns.provider(clock, mutation),
        askNameServer: async () => ({ kind: 'answer', values: dns.addresses }) as const,
        alert: () => undefined,
        extendDeadline: (untilMs: number) => {
          this.#deadlineMs = untilMs;
        },
      },
      uniqueId: () => {
        ids += 1;
        return `${id}-${run}-${ids}`;
      },
      signal,
    };
    const controller = startController(deps, () => true);
    this.#isLeading = controller.isLeading;
  }

  get isLeading(): boolean {
    return this.#isLeading() && this.clock.state() !== 'dead';
  }

  /** The process is gone, and its runner ends what it runs within the kill time. */
  kill(): void {
    this.#diedAtMs = this.clock.bootMs();
    this.clock.kill();
  }

  #driver(options: SimControllerOptions, id: string): ReturnType<typeof createSimDriver> {
    const node = options.nodes.find((candidate) => candidate.id === id);
    if (node === undefined) throw new RangeError(`Cannot find simulated node: value was ${id}`);
    const driver = createSimDriver({ clock: this.clock, draw: options.draw, node, deadline: () => this.#runnerEnd() });
    const boundary = () => {
      if (options.diesHere()) this.kill();
    };
    return {
      ...driver,
      act: async (action, context, limits) => {
        boundary();
        const result = await driver.act(action, context, limits);
        boundary();
        return this.#orNever(result);
      },
      fence: async (context, limits) => {
        boundary();
        const result = await driver.fence(context, limits);
        boundary();
        const isPassed = options.mutation === 'exitCodeIsProof' && result.kind === 'notOff';
        return this.#orNever(isPassed ? { ...result, kind: 'off' } : result);
      },
    };
  }

  /** What comes back to a dead process is heard by nobody. */
  #orNever<T>(value: T): T | Promise<T> {
    return this.#diedAtMs === null ? value : new Promise<T>(() => undefined);
  }

  #runnerEnd(): number {
    return this.#diedAtMs === null ? this.#deadlineMs : Math.min(this.#deadlineMs, this.#diedAtMs + this.#killTimeMs);
  }
}

function loggerFor(id: string, history: History): Logger {
  const say = (level: string) => (data: object, message: string) => {
    const { err, reason } = data as { readonly err?: Error; readonly reason?: string };
    history.note(`${level} ${id} ${message} ${err?.message ?? reason ?? ''}`);
    if (level === 'ERROR') history.count('controller errors');
  };
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: say('WARN'),
    error: say('ERROR'),
    child: () => logger,
  };
  return logger;
}

/** The mutation of S25: every observation claims to be one of the verification under way, and up. */
function stampAll(view: StoreView, keys: StoreKeys): StoreView {
  return {
    ...view,
    list: (prefix) => {
      const op = JSON.parse(view.get(keys.operation('web'))?.value ?? 'null') as Record<string, unknown> | null;
      return view.list(prefix).map((entry) => {
        if (!entry.key.startsWith(keys.observations) || op?.phase !== 'VERIFY_NEW') return entry;
        if (!entry.key.includes(`/${op.to}/`)) return entry;
        const stamp = { opId: op.opId, epoch: op.epoch };
        return {
          ...entry,
          value: JSON.stringify({ ...JSON.parse(entry.value), verdict: 'up', answering: true, stamp }),
        };
      });
    },
  };
}
