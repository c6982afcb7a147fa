// One candidate for controller: the real election over the real client of a store, behind links of its own that can fail.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OneupError } from '../../src/base/oneup-error.ts';
import { storeKeys } from '../../src/base/store-keys.ts';
import type { SystemClock } from '../../src/clock/system-clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { ControllerDeps, ControllerPorts, Tenure } from '../../src/controller/controller-deps.ts';
import { runElection } from '../../src/controller/election.ts';
import type { Store } from '../../src/ports/store.ts';
import { RemoteStore } from '../../src/store/remote-store.ts';
import { startStoreMirror } from '../../src/store/store-mirror.ts';
import { createElectionClock, type ElectionClock } from './election-clock.ts';
import type { ElectionEngine } from './election-engine.ts';
import { type LinkFault, startFaultyLink } from './faulty-link.ts';
import { SILENT } from './prober-world.ts';

export type Candidate = AsyncDisposable & {
  readonly id: string;
  readonly clock: ElectionClock;
  /** The terms in which it came to act, oldest first. */
  readonly tenures: readonly Tenure[];
  /** Does this to every connection between it and the store. */
  readonly setLinks: (fault: LinkFault) => void;
  /** Its timers stand still and nothing reaches it, or it goes on. */
  readonly setStopped: (stopped: boolean) => void;
  /** Loses the answers to its next `count` commits that take a term. */
  readonly loseAnswers: (count: number) => void;
  /** How many such answers were lost. */
  readonly answersLost: () => number;
  /** One that is not fit does not stand for election [it is]. */
  readonly setFit: (fit: boolean) => void;
  readonly start: () => void;
  /** Ends it in order; with something still in flight it is not at rest. */
  readonly shutDown: (end: { readonly isAtRest: boolean }) => void;
};

export type CandidateOptions = {
  readonly id: string;
  readonly engine: ElectionEngine;
  readonly config: Config;
  readonly clock: SystemClock;
  readonly callTimeoutMs: number;
  /** Called when it begins to act. */
  readonly onAct: () => void;
};

/** A busy machine may not answer in the short time that calls have here. */
const OPEN_WITHIN_MS = 30_000;

export async function createCandidate(options: CandidateOptions): Promise<Candidate> {
  const { id, engine, config, onAct } = options;
  const clock = createElectionClock(options.clock);
  const links = await Promise.all(engine.ports.map((port) => startFaultyLink({ host: '127.0.0.1', port })));
  const store = await openStore(
    options,
    clock,
    links.map(({ port }) => port),
  );
  const setLinks = (fault: LinkFault) => {
    for (const link of links) link.set(fault);
  };
  const lost = loseAnswersOf(store, storeKeys(config.cluster.name).controller, setLinks);
  const own = { isFit: true, end: { isAtRest: true } };
  const tenures: Tenure[] = [];
  const shutdown = new AbortController();
  const lead = async (tenure: Tenure) => {
    tenures.push(tenure);
    onAct();
    await new Promise<void>((resolve) => tenure.signal.addEventListener('abort', () => resolve(), { once: true }));
    return own.end;
  };
  return {
    id,
    clock,
    tenures,
    setLinks,
    setStopped: (stopped) => {
      setLinks(stopped ? 'silent' : 'none');
      clock.setStopped(stopped);
    },
    ...lost,
    setFit: (fit) => {
      own.isFit = fit;
    },
    start: () => {
      const deps = controllerDeps({ id, config, clock, store, signal: shutdown.signal });
      void runElection(deps, { mayCampaign: () => own.isFit, lead });
    },
    shutDown: (end) => {
      own.end = end;
      shutdown.abort(new Error('shutting down'));
    },
    [Symbol.asyncDispose]: async () => {
      shutdown.abort(new Error('the test is over'));
      await store[Symbol.asyncDispose]();
      clock.setStopped(false);
      for (const link of links) await link[Symbol.asyncDispose]();
    },
  };
}

async function openStore(
  { engine, config: { cluster }, callTimeoutMs }: CandidateOptions,
  clock: ElectionClock,
  ports: readonly number[],
): Promise<Store> {
  const { rho, marginMs } = cluster.timing;
  for (const end = performance.now() + OPEN_WITHIN_MS; ; await sleep(100)) {
    try {
      const backend = await engine.open({ cluster: cluster.name, ports, clock, callTimeoutMs });
      return new RemoteStore(backend, { clock, bounds: { rho, marginMs }, callTimeoutMs });
    } catch (error) {
      if (!(error instanceof OneupError) || performance.now() > end) throw error;
    }
  }
}

/** The answers are dropped from the moment at which the commit is sent until it has come to its end. */
function loseAnswersOf(store: Store, controllerKey: string, setLinks: (fault: LinkFault) => void) {
  let [left, met] = [0, 0];
  const commit: Store['commit'] = store.commit.bind(store);
  const commitWithFaults: Store['commit'] = async (request) => {
    const takesTerm = request.writes.some(({ kind, key }) => kind === 'put' && key === controllerKey);
    if (left === 0 || !takesTerm) return commit(request);
    left -= 1;
    met += 1;
    setLinks('answersLost');
    try {
      return await commit(request);
    } finally {
      setLinks('none');
    }
  };
  Object.assign(store, { commit: commitWithFaults });
  return {
    loseAnswers: (count: number) => {
      left = count;
    },
    answersLost: () => met,
  };
}

type Surroundings = Pick<ControllerDeps, 'id' | 'config' | 'clock' | 'store' | 'signal'>;

function controllerDeps(given: Surroundings): ControllerDeps {
  const keys = storeKeys(given.config.cluster.name);
  const shared = { ...given, logger: SILENT };
  const view = startStoreMirror({ ...shared, root: keys.root, watchTimeoutMs: 10_000 });
  const nothing = () => {
    throw new TypeError('Cannot act: candidates of elections do nothing outside the store');
  };
  const ports: ControllerPorts = {
    driver: nothing,
    provider: nothing,
    askNameServer: nothing,
    findNameServers: nothing,
    alert: nothing,
    onSchedule: nothing,
    extendDeadline: () => undefined,
  };
  return { ...shared, keys, view, ports, configVersion: null, generation: 1, uniqueId: randomUUID, report: () => {} };
}
