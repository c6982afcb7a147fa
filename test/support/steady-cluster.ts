// A whole cluster at rest in one process on virtual time: real probers, a real controller, the memory store, and as many
// services as wanted, each active on `a` and stopped on `b`. Everything that reaches the store is counted.
import { storeKeys } from '../../src/base/store-keys.ts';
import type { CheckTarget, Config } from '../../src/config/config.ts';
import { type Controller, startController } from '../../src/controller/controller.ts';
import type { ControllerDeps } from '../../src/controller/controller-deps.ts';
import { encodeMachine, recordKeys } from '../../src/controller/machine-records.ts';
import { serviceRulesFromConfig } from '../../src/controller/service-rules-from-config.ts';
import { EMPTY_LOCAL_STATE, EMPTY_SERVICE_RECORD } from '../../src/failover/service-state.ts';
import type { ProbeResult } from '../../src/health/probe-result.ts';
import type { CommitRequest, Store, StoreWrite } from '../../src/ports/store.ts';
import type { StoreView } from '../../src/ports/store-view.ts';
import { startProber } from '../../src/prober/prober.ts';
import { MemoryStoreWorld } from '../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { VirtualTime } from '../sim/virtual-time.ts';
import { manyServices } from './many-services.ts';
import { PASS, REFUSED, SILENT, testConfig } from './prober-world.ts';

export type StoreCounts = { commits: number; records: number; bytes: number; renewals: number; sessions: number };

export type SteadyOptions = {
  readonly services: number;
  readonly probers: number;
  /** Of every check, written as in a configuration [5s]. */
  readonly interval?: string;
  /** What is changed in the configuration [nothing]. */
  readonly adapt?: (config: Config) => Config;
  /** What the controller reaches outside the store [nothing ever answers]. */
  readonly ports?: Partial<ControllerDeps['ports']>;
  /** Whether a node answers [`a` does, unless it is in `down`]. */
  readonly isUp?: (node: string, service: string) => boolean;
};

export type SteadyCluster = {
  readonly config: Config;
  readonly store: Store;
  readonly view: StoreView;
  readonly controller: Controller;
  readonly counts: StoreCounts;
  /** Checks that were run. */
  readonly looks: () => number;
  /** Services on which `a` does not answer any more. */
  readonly down: Set<string>;
  readonly pass: (ms: number) => Promise<void>;
  /** For what goes on beside: resolves when so much time has passed. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Virtual time. */
  readonly nowMs: () => number;
  readonly end: () => Promise<void>;
};

/** The checks of the tests are quicker than the defaults of a configuration, which stand here in their place. */
const QUICK = 'interval: 1s, timeout: 500ms, fall: 2, rise: 2, recheck: 100ms, minDown: 200ms';
const POLL_MS = 100;
const RECORDS_PER_COMMIT = 4_000;

export async function openSteadyCluster(options: SteadyOptions): Promise<SteadyCluster> {
  const { services, probers, interval = '5s', adapt = (config) => config } = options;
  const config = adapt(steadyConfig(services, probers, interval));
  const time = new VirtualTime();
  const world = new MemoryStoreWorld();
  const counts: StoreCounts = { commits: 0, records: 0, bytes: 0, renewals: 0, sessions: 0 };
  const { rho, marginMs } = config.cluster.timing;
  const keys = storeKeys(config.cluster.name);
  const stop = new AbortController();
  const down = new Set<string>();
  const isUp = options.isUp ?? ((node, service) => node === 'a' && !down.has(service));
  let looks = 0;
  const connect = () => {
    const clock = time.clock();
    const before = (call: string): null => {
      if (call === 'renewSession') counts.renewals += 1;
      if (call === 'insertSession') counts.sessions += 1;
      return null;
    };
    const own = world.connect({ clock, bounds: { rho, marginMs }, pollMs: POLL_MS, faults: { before } });
    const store = counting(own, counts);
    const mirror = { store, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 3_600_000, signal: stop.signal };
    return { clock, store, view: startStoreMirror(mirror) };
  };
  await writeSteadyRecords(world.connect({ clock: time.clock(), bounds: { rho, marginMs } }), config);
  const runCheck = async (target: CheckTarget) => {
    looks += 1;
    return { result: answerOf(target, isUp), lingering: null };
  };
  const parts = config.cluster.probers.map(({ id }) => {
    let ids = 0;
    const part = {
      id,
      config,
      keys,
      logger: SILENT,
      signal: stop.signal,
      uniqueId: () => `${id}-${++ids}`,
      ...connect(),
    };
    startProber(
      { ...part, version: 'test', runCheck, probeReference: asksNobody },
      { digest: 'd', pid: 1, configStanding: 'inForce' },
    );
    return part;
  });
  const [first] = parts;
  if (first === undefined) throw new RangeError('Cannot open a cluster: it has no probers');
  const ports = { ...idlePorts(), ...options.ports };
  const leading = { ...first, generation: 1, configVersion: null, report: () => {}, ports };
  const controller = startController(leading, () => true);
  return {
    config,
    store: first.store,
    view: first.view,
    controller,
    counts,
    looks: () => looks,
    down,
    pass: (ms) => time.runUntil(time.nowMs + ms),
    nowMs: () => time.nowMs,
    sleep: (ms) => time.clock().sleep(ms, { signal: stop.signal }),
    end: async () => {
      stop.abort(new Error('the cluster is not needed any more'));
      await time.runUntil(time.nowMs + 30_000);
    },
  };
}

function steadyConfig(services: number, probers: number, interval: string): Config {
  const config = manyServices(
    testConfig(
      ['sessionTtl: 2s, margin: 100ms', 'sessionTtl: 15s'],
      [QUICK, `interval: ${interval}, timeout: 3s, fall: 3, rise: 2, recheck: 250ms, minDown: 5s`],
    ),
    services,
  );
  const [model] = config.cluster.probers;
  if (model === undefined) throw new RangeError('Cannot copy probers: the configuration has none');
  const copies = Array.from({ length: probers }, (_, place) => ({
    ...model,
    id: `p${place + 1}`,
    vantage: `v${place}`,
  }));
  return { ...config, cluster: { ...config.cluster, probers: copies } };
}

/** What an operation in each service would have left behind long ago. */
async function writeSteadyRecords(store: Store, config: Config): Promise<void> {
  const keys = storeKeys(config.cluster.name);
  const dns = { confirmed: { node: 'a', level: 'steady', epoch: 1, seq: 1 }, pending: null, unconfirmed: [], seq: 1 };
  const writes: StoreWrite[] = [{ kind: 'put', key: keys.meta, value: '{}' }];
  for (const service of config.services) {
    const rules = serviceRulesFromConfig(config, service);
    const records = encodeMachine(recordKeys(keys, rules), {
      rules,
      service: { ...EMPTY_SERVICE_RECORD, epoch: 1, step: 5, crumbVersion: 2, active: 'a', dns } as never,
      breadcrumbs: {
        a: { kind: 'maybe', version: 2, epoch: 1 },
        b: { kind: 'down', version: 1, how: 'acknowledged', wallMs: 0, revision: 1_000_000 },
      },
      grant: { node: 'a', epoch: 1, revoked: false },
      op: null,
      tail: null,
      local: EMPTY_LOCAL_STATE,
    });
    for (const [key, value] of records) writes.push({ kind: 'put', key, value });
  }
  for (let from = 0; from < writes.length; from += RECORDS_PER_COMMIT) {
    const some = writes.slice(from, from + RECORDS_PER_COMMIT);
    await store.commit({ guards: [], writes: some, token: `steady-${from}` });
  }
}

function answerOf(target: CheckTarget, isUp: (node: string, service: string) => boolean): ProbeResult {
  const [node = '', place] = target.kind === 'tcp' ? target.host.split('.') : [];
  return isUp(node, `s${place}`) ? PASS : REFUSED;
}

async function asksNobody() {
  return { result: PASS, lingering: null };
}

/** Nothing outside the store is there: what is asked never answers. */
function idlePorts(): ControllerDeps['ports'] {
  const never = () => new Promise<never>(() => {});
  const ports = {
    alert: () => {},
    extendDeadline: () => {},
    onSchedule: () => () => {},
    askNameServer: never,
    findNameServers: never,
  };
  const driver = () => ({ act: never });
  const provider = () => ({ list: never, apply: never, confirm: never });
  return { ...ports, driver, provider } as unknown as ControllerDeps['ports'];
}

function counting(store: Store, counts: StoreCounts): Store {
  return {
    kind: store.kind,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    commit: (request) => {
      counts.commits += 1;
      counts.records += request.writes.length;
      counts.bytes += bytesOf(request);
      return store.commit(request);
    },
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Keys and values that a commit writes. */
export function bytesOf({ writes }: CommitRequest): number {
  return writes.reduce((sum, write) => sum + write.key.length + (write.kind === 'put' ? write.value.length : 0), 0);
}
