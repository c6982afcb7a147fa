// One controller's surroundings over the memory store, on a clock that tests move: its own line to the store, its mirror, a
// term that it holds, and a list of what it wanted done.

import { type StoreKeys, storeKeys } from '../../../src/base/store-keys.ts';
import type { Config } from '../../../src/config/config.ts';
import type { ControllerDeps, Tenure } from '../../../src/controller/controller-deps.ts';
import { ServiceController } from '../../../src/controller/service-controller.ts';
import { serviceRulesFromConfig } from '../../../src/controller/service-rules-from-config.ts';
import { observationGuards, readServiceView } from '../../../src/controller/service-view.ts';
import type { MachineEffect } from '../../../src/failover/machine-effect.ts';
import type { View } from '../../../src/failover/view.ts';
import type { Observation } from '../../../src/health/observation.ts';
import type { Logger } from '../../../src/ports/logger.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { MemoryFaults } from '../../../src/store/memory/memory-faults.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../src/store/store-mirror.ts';
import { simConfig } from '../../sim/sim-config.ts';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.ts';

export type Bench = {
  readonly deps: ControllerDeps;
  readonly config: Config;
  readonly keys: StoreKeys;
  readonly clock: FakeClock;
  readonly store: Store;
  /** What was said at level `error`. */
  readonly errors: string[];
};

export type BenchOptions = {
  readonly world?: MemoryStoreWorld;
  readonly id?: string;
  readonly faults?: Partial<MemoryFaults>;
  readonly wrapStore?: (store: Store) => Store;
  readonly signal?: AbortSignal;
  readonly extendDeadline?: (untilMs: number) => void;
};

const BOUNDS = { rho: 0.01, marginMs: 200 };

export async function createBench(options: BenchOptions = {}): Promise<Bench> {
  const { world = new MemoryStoreWorld(), id = 'p1', faults = {}, wrapStore = (store) => store } = options;
  const config = simConfig(['p1', 'p2', 'p3'], ['a', 'b'], { restarts: false, hasLongSessions: false });
  const keys = storeKeys(config.cluster.name);
  const clock = createFakeClock();
  const store = wrapStore(world.connect({ clock, bounds: BOUNDS, faults }));
  const errors: string[] = [];
  const signal = options.signal ?? new AbortController().signal;
  const logger = quietLogger(errors);
  const view = startStoreMirror({ store, root: keys.root, clock, logger, watchTimeoutMs: 10_000, signal });
  let ids = 0;
  const deps: ControllerDeps = {
    id,
    config,
    configVersion: null,
    generation: 1,
    keys,
    store,
    view,
    clock,
    logger,
    ports: {
      driver: () => unused('driver'),
      provider: () => unused('provider'),
      findNameServers: async () => ({ kind: 'unknown', reason: 'nobody is asked' }),
      askNameServer: async () => ({ kind: 'silent', reason: 'nobody is asked' }),
      alert: () => undefined,
      onSchedule: () => () => undefined,
      extendDeadline: options.extendDeadline ?? (() => undefined),
    },
    uniqueId: () => {
      ids += 1;
      return `${id}-${ids}`;
    },
    signal,
    report: () => undefined,
  };
  await clock.advance(50);
  return { deps, config, keys, clock, store, errors };
}

function unused(what: string): never {
  throw new TypeError(`Cannot use ${what}: this bench does nothing outside the store`);
}

function quietLogger(errors: string[]): Logger {
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (data, message) => void errors.push(`${message}: ${(data as { err?: Error }).err?.message ?? ''}`),
    child: () => logger,
  };
  return logger;
}

export type HeldTerm = { readonly tenure: Tenure; readonly resigned: string[] };

/** The term record and the controller key, taken as a won campaign would. */
export async function holdTerm({ deps, store, keys, clock }: Bench, term = 1): Promise<HeldTerm> {
  const session = await store.openSession({ id: `controller-${deps.id}-${term}`, ttlMs: 2_000 });
  const result = await store.commit({
    guards: [],
    writes: [
      { kind: 'put', key: keys.term, value: JSON.stringify({ term, holder: deps.id, state: 'held', ttlMs: 2_000 }) },
    ],
    token: `term-${deps.id}-${term}`,
  });
  const end = new AbortController();
  const resigned: string[] = [];
  const tenure: Tenure = {
    term,
    termVersion: result.kind === 'committed' ? result.revision : 0,
    session,
    signal: end.signal,
    mayAct: () => !end.signal.aborted && clock.bootMs() < session.mayActUntilBootMs(),
    resign: (reason) => {
      resigned.push(reason);
      end.abort(new Error(reason));
    },
  };
  return { tenure, resigned };
}

export type RunningMachine = {
  readonly machine: ServiceController;
  readonly performed: MachineEffect[];
  readonly look: () => View;
};

export async function runMachine({ deps, config }: Bench, tenure: Tenure): Promise<RunningMachine> {
  const [service] = config.services;
  if (service === undefined) throw new TypeError('Cannot run: the configuration of the bench has no service');
  const performed: MachineEffect[] = [];
  const look = () => readServiceView(deps, { service, op: machine.state?.op ?? null, brake: null });
  const machine: ServiceController = new ServiceController({
    deps,
    tenure,
    rules: serviceRulesFromConfig(config, service),
    perform: (effect) => void performed.push(effect),
    observationGuards: (state) => observationGuards(deps, service, state),
    look,
  });
  await machine.load();
  return { machine, performed, look };
}

/** Three votes on one node, written as the probers do. */
export async function vote({ store, keys }: Bench, node: string, isUp: boolean): Promise<void> {
  for (const prober of ['p1', 'p2', 'p3']) {
    const observation: Observation = {
      verdict: isUp ? 'up' : 'down',
      answering: isUp,
      reach: 'reached',
      reason: 'drawn',
      phases: {},
      streak: 2,
      checkedWallMs: 1,
      vantage: prober,
      stamp: null,
    };
    const key = keys.observation('web', node, prober);
    const token = `vote-${crypto.randomUUID()}`;
    await store.commit({ guards: [], writes: [{ kind: 'put', key, value: JSON.stringify(observation) }], token });
  }
}
