// One life of the roles under one configuration in force: prober, controller candidate and zone follower. When the record of
// the configuration changes this life ends cleanly and the next begins with the new one (S7).
import type { ApiSource } from '../api/api-source.ts';
import type { FenceTest } from '../api/test-fence.ts';
import type { NodeId, ServiceId } from '../base/ids.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { ProberConfig, ServiceConfig } from '../config/config.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { LoadedConfig } from '../config/load.ts';
import { chargedProviders, type ProviderOf } from '../controller/charged-provider.ts';
import { startController } from '../controller/controller.ts';
import type { ControllerPorts, Tenure } from '../controller/controller-deps.ts';
import { isMember } from '../controller/membership.ts';
import { readMachine } from '../controller/read-model.ts';
import { readPropagation } from '../controller/read-propagation.ts';
import { type SeenAges, watchAges } from '../controller/seen-ages.ts';
import { termGuards } from '../controller/term-guards.ts';
import { parseTerm } from '../controller/term-record.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';
import { createAgentCarrier } from '../nodes/agent/agent-carrier.ts';
import type { Runner } from '../nodes/exec/start-runner.ts';
import { createNodeDriver } from '../nodes/route-actions.ts';
import type { NodeDriver } from '../ports/node-driver.ts';
import type { Session, Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { askNameServer } from '../probe/ask-name-server.ts';
import { findNameServers } from '../probe/find-name-servers.ts';
import { probeReference } from '../probe/probe-reference.ts';
import { runCheck } from '../probe/run-check.ts';
import { followGrants } from '../prober/follow-grants.ts';
import { startProber } from '../prober/prober.ts';
import type { ClusterRecord } from '../store/cluster-record.ts';
import type { HighWater } from '../store/high-water.ts';
import { type Alerting, createAlerting } from './alerting.ts';
import { createCarriers } from './carriers.ts';
import { answerProposals, type Proposal } from './config-proposal.ts';
import { answerLooks } from './connect/answer-looks.ts';
import { createProviders } from './create-provider.ts';
import { onSchedule } from './failback-windows.ts';
import { createFenceTest } from './fence-test.ts';
import { followConfigFile } from './follow-config-file.ts';
import { createMarkedDriver } from './marked-driver.ts';
import type { NameService } from './name-service.ts';
import type { ProcessDeps } from './process-deps.ts';
import { VERSION } from './version.ts';

export type IncarnationOptions = {
  readonly deps: ProcessDeps;
  readonly loaded: LoadedConfig;
  readonly prober: ProberConfig;
  readonly store: Store;
  readonly view: StoreView;
  readonly meta: ClusterRecord;
  /** Of that record: no term is taken under another one (S4). */
  readonly metaVersion: number;
  /** Raised before anything is done to a node (S4). */
  readonly highWater: HighWater;
  readonly runner: Runner;
  readonly names: NameService;
  readonly configFile: string;
  /** Version of the record in force that this life belongs to; null where there is none. */
  readonly configVersion: number | null;
  readonly standing: ConfigStanding;
  /** Digest of that record; null where there is none. */
  readonly inForceDigest: string | null;
  readonly onProposal: (proposal: Proposal) => void;
  /** false: this machine keeps the guard's memory of another cluster, so nothing may be started from here (S4). */
  readonly hasGuard: boolean;
  /** The agent that runs in this process too. */
  readonly agent: string | null;
};

export type Incarnation = {
  /** Rejects when this prober cannot go on, such as with a duplicate id. */
  readonly failed: Promise<never>;
  readonly session: () => Session | null;
  readonly isLeading: () => boolean;
  readonly standing: () => ConfigStanding;
  readonly ages: SeenAges;
  readonly testAlert: Alerting['test'];
  readonly testFence: FenceTest;
  /** Asks the world once what it answers for a service; reads only. */
  readonly propagation: (service: ServiceConfig) => Promise<PropagationReport | null>;
  /** For whoever asks providers outside of an operation. */
  readonly outside: Pick<ApiSource, 'provider' | 'generation'>;
  /** Ends every role for a reason that the log tells, and waits until they are at rest. */
  readonly end: (reason: string) => Promise<void>;
};

export function startIncarnation(options: IncarnationOptions): Incarnation {
  const { deps, loaded, prober, store, view, meta, names } = options;
  const { config, digest } = loaded;
  const keys = storeKeys(config.cluster.name);
  const generation = meta.generation.number;
  const life = new AbortController();
  const signal = AbortSignal.any([deps.signal, life.signal]);
  const { clock, logger, uniqueId, parentEnv } = deps;
  const shared = { id: prober.id, config, keys, store, view, clock, logger, uniqueId, signal };
  const watcher = startProber(
    {
      ...shared,
      processId: deps.processId,
      version: VERSION,
      runCheck: (target, look) => runCheck(target, { ...look, clock, parentEnv }),
      probeReference: (target, look) => probeReference(target, { ...look, clock }),
    },
    { digest, pid: deps.pid, configStanding: options.standing, agent: options.agent },
  );
  let { standing } = options;
  const { configFile } = options;
  const onChange = (found: ConfigStanding) => {
    standing = found;
    watcher.setConfigStanding(found);
  };
  followConfigFile({ configFile, loaded, standing, clock, onChange, signal });
  const report = (key: string, value: string | null) => watcher.board.set(key, value);
  const { configVersion, inForceDigest } = options;
  // From its own file it would build other bytes under the serial of the record (S29): what it serves only grows older (S30).
  if (options.standing !== 'unloadable')
    names.follow(config, { keys, view, generation, configVersion, report }, signal);
  if (options.standing !== 'unloadable')
    followGrants({ view, keys, config, prober: prober.id, generation, book: deps.book, report, signal });
  answerProposals({ view, keys, prober: prober.id, configFile, report, onProposal: options.onProposal, signal });
  answerLooks({ view, keys, prober: prober.id, configFile, deps, report, signal });
  if (!isMember(config, prober.id))
    logger.warn(
      { remedy: 'oneup reload, with a file that lists it' },
      'not in the configuration in force: neither votes nor leads',
    );
  const alerting = createAlerting({ deps, config, prober: prober.id });
  const ports = controllerPorts(options, alerting);
  // What the others count by cannot be loaded here, or the guard's memory is not this cluster's: somebody else leads (S7, S4).
  const mayLead = options.standing !== 'unloadable' && options.hasGuard;
  const controller = startController(
    {
      ...shared,
      ...{ generation, metaVersion: options.metaVersion, configVersion, inForceDigest, report },
      ports: deps.wrapPorts?.(ports) ?? ports,
    },
    () => mayLead && watcher.session() !== null && watcher.isFit(),
  );
  return {
    failed: watcher.done.then(() => new Promise<never>(() => undefined)),
    session: watcher.session,
    isLeading: controller.isLeading,
    standing: () => standing,
    ages: watchAges({ services: config.services, keys, view, clock, signal }),
    testAlert: alerting.test,
    testFence: fenceTest(options, signal),
    propagation: (service) =>
      readPropagation({ config, keys, view, clock, askNameServer, findNameServers, signal }, service),
    outside: { provider: chargedOutside(options, ports.provider), generation },
    end: async (reason) => {
      life.abort(new Error(reason));
      await Promise.allSettled([controller.done, watcher.done]);
      await alerting.close();
    },
  };
}

/** What people start is counted in the budget of the account, though no controller makes the calls. */
function chargedOutside({ deps, loaded: { config }, store }: IncarnationOptions, provider: ProviderOf): ProviderOf {
  const { budget: keyOf } = storeKeys(config.cluster.name);
  return chargedProviders(provider, { uniqueId: deps.uniqueId, store, keyOf, providers: config.providers });
}

async function raiseMark(
  { deps, loaded, view, meta, highWater }: IncarnationOptions,
  epochs: Readonly<Record<ServiceId, number>>,
): Promise<void> {
  const keys = storeKeys(loaded.config.cluster.name);
  const { term } = parseTerm(view.get(keys.term)?.value);
  try {
    await highWater.raise({ generation: meta.generation, revision: view.revision(), term, epochs });
  } catch (error) {
    deps.logger.warn({ err: error }, 'the high-water mark cannot be written');
  }
}

function fenceTest({ deps, loaded, prober, view, meta, runner }: IncarnationOptions, signal: AbortSignal): FenceTest {
  const { config } = loaded;
  const { clock, parentEnv } = deps;
  const keys = storeKeys(config.cluster.name);
  return createFenceTest({
    ...{ prober: prober.id, config, clock, runner, parentEnv, signal, generation: meta.generation.number },
    positionOf: (service) => readMachine({ config, keys, view }, service).service,
  });
}

function controllerPorts(options: IncarnationOptions, alerting: Alerting): ControllerPorts {
  const { deps, loaded, store, runner } = options;
  const { config } = loaded;
  const { clock, logger, parentEnv } = deps;
  const keys = storeKeys(config.cluster.name);
  let mayActUntilBootMs = 0;
  const driverOf = (tenure: Tenure): NodeDriver => {
    const { store, view } = options;
    const contactTimeoutMs = ({ service }: { readonly service: ServiceId }) =>
      config.services.find(({ id }) => id === service)?.failover.contactTimeoutMs ?? 0;
    const guards = () => termGuards(keys, tenure);
    const agent = createAgentCarrier({ store, view, keys, clock, uniqueId: deps.uniqueId, guards, contactTimeoutMs });
    const carriers = createCarriers({
      config,
      clock,
      runner,
      parentEnv,
      agent,
      mayActUntilBootMs: () => mayActUntilBootMs,
    });
    const actionsOf = (service: ServiceId, node: NodeId) => {
      const found = config.services.find((candidate) => candidate.id === service);
      return found?.nodes.find((candidate) => candidate.id === node)?.actions ?? null;
    };
    const nodes = createNodeDriver({ clock, logger, carriers, actionsOf });
    return createMarkedDriver(nodes, ({ service, epoch }) => raiseMark(options, { [service]: epoch }));
  };
  // One for each term: what an old one still does must not be taken for the work of a new one.
  const drivers = new WeakMap<Tenure, NodeDriver>();
  return {
    driver: (_service, _node, tenure) => {
      const driver = drivers.get(tenure) ?? driverOf(tenure);
      drivers.set(tenure, driver);
      return driver;
    },
    provider: createProviders(config.providers, { store, keys, clock }),
    askNameServer,
    findNameServers,
    alert: alerting.alert,
    onSchedule,
    extendDeadline: (untilBootMs) => {
      mayActUntilBootMs = untilBootMs;
      runner.setDeadline(untilBootMs);
    },
  };
}
