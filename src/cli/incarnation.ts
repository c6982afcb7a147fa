// One life of the roles under one configuration in force: prober, controller candidate and zone follower. When the record of
// the configuration changes this life ends cleanly and the next begins with the new one (S7).
import { createBuiltinProvider } from '../../providers/builtin/index.ts';
import type { ServiceId } from '../base/ids.ts';
import { storeKeys } from '../base/store-keys.ts';
import type { ProberConfig } from '../config/config.ts';
import type { LoadedConfig } from '../config/load.ts';
import { startController } from '../controller/controller.ts';
import type { ControllerPorts } from '../controller/controller-deps.ts';
import { parseTerm } from '../controller/term-record.ts';
import { createExecDriver } from '../nodes/exec/exec-driver.ts';
import type { Runner } from '../nodes/exec/start-runner.ts';
import type { Session, Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { askNameServer } from '../probe/ask-name-server.ts';
import { probeReference } from '../probe/probe-reference.ts';
import { runCheck } from '../probe/run-check.ts';
import { createRunCommand } from '../probe/run-command.ts';
import { startProber } from '../prober/prober.ts';
import type { ClusterRecord } from '../store/cluster-record.ts';
import type { HighWater } from '../store/high-water.ts';
import { type Alerting, createAlerting } from './alerting.ts';
import type { AppDeps } from './app-deps.ts';
import { answerProposals } from './config-proposal.ts';
import { onSchedule } from './failback-windows.ts';
import { guardPath } from './guard-path.ts';
import { createMarkedDriver } from './marked-driver.ts';
import type { NameService } from './name-service.ts';
import { VERSION } from './version.ts';

export type IncarnationOptions = {
  readonly deps: AppDeps;
  readonly loaded: LoadedConfig;
  readonly prober: ProberConfig;
  readonly store: Store;
  readonly view: StoreView;
  readonly meta: ClusterRecord;
  /** Raised before anything is done to a node (S4). */
  readonly highWater: HighWater;
  readonly runner: Runner;
  readonly names: NameService;
  readonly configFile: string;
  /** Version of the record in force that this life belongs to; null where there is none. */
  readonly configVersion: number | null;
  /** false: the record in force cannot be loaded here, so this prober neither campaigns nor leads (S7). */
  readonly mayLead: boolean;
};

export type Incarnation = {
  /** Rejects when this prober cannot go on, such as with a duplicate id. */
  readonly failed: Promise<never>;
  readonly session: () => Session | null;
  readonly isLeading: () => boolean;
  readonly testAlert: Alerting['test'];
  /** Ends every role and waits until they are at rest. */
  readonly end: () => Promise<void>;
};

export function startIncarnation(options: IncarnationOptions): Incarnation {
  const { deps, loaded, prober, store, view, meta, names } = options;
  const { config, digest } = loaded;
  const keys = storeKeys(config.cluster.name);
  const life = new AbortController();
  const signal = AbortSignal.any([deps.signal, life.signal]);
  const { clock, logger, uniqueId, parentEnv } = deps;
  const shared = { id: prober.id, config, keys, store, view, clock, logger, uniqueId, signal };
  const watcher = startProber(
    {
      ...shared,
      processId: deps.processId ?? uniqueId(),
      version: VERSION,
      runCheck: (target, look) => runCheck(target, { ...look, clock, parentEnv }),
      probeReference: (target, look) => probeReference(target, { ...look, clock }),
    },
    { digest, pid: deps.pid },
  );
  const report = (key: string, value: string | null) => watcher.board.set(key, value);
  const configVersion = options.configVersion;
  names.follow(config, { keys, view, generation: meta.generation.number, configVersion, report }, signal);
  answerProposals({ view, keys, prober: prober.id, configFile: options.configFile, report, signal });
  const alerting = createAlerting({ deps, config, prober: prober.id });
  const ports = controllerPorts(options, alerting);
  const controller = startController(
    { ...shared, generation: meta.generation.number, configVersion, ports: deps.wrapPorts?.(ports) ?? ports },
    () => options.mayLead && watcher.session() !== null && watcher.isFit(),
  );
  return {
    failed: watcher.done.then(() => new Promise<never>(() => undefined)),
    session: watcher.session,
    isLeading: controller.isLeading,
    testAlert: alerting.test,
    end: async () => {
      life.abort(new Error('the configuration in force has changed'));
      await Promise.allSettled([controller.done, watcher.done]);
      await alerting.close();
    },
  };
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

function controllerPorts(options: IncarnationOptions, alerting: Alerting): ControllerPorts {
  const { deps, loaded, store, runner } = options;
  const { config } = loaded;
  const { clock, logger, parentEnv } = deps;
  const keys = storeKeys(config.cluster.name);
  let mayActUntilBootMs = 0;
  const exec = createExecDriver({
    clock,
    logger,
    runner,
    runCommand: createRunCommand({ clock }),
    guardPath: guardPath(config.cluster),
    actionsOf: (service, node) => {
      const found = config.services.find((candidate) => candidate.id === service);
      return found?.nodes.find((candidate) => candidate.id === node)?.actions ?? null;
    },
    mayActUntilBootMs: () => mayActUntilBootMs,
    secrets: config.secrets,
    parentEnv,
  });
  const driver = createMarkedDriver(exec, ({ service, epoch }) => raiseMark(options, { [service]: epoch }));
  const providers = new Map(config.providers.map(({ name }) => [name, createBuiltinProvider({ name, store, keys })]));
  return {
    driver: () => driver,
    provider: (name) => {
      const found = providers.get(name);
      if (found === undefined)
        throw new TypeError(`Cannot find provider ${name}: configuration should have refused it`);
      return found;
    },
    askNameServer,
    alert: alerting.alert,
    onSchedule,
    extendDeadline: (untilBootMs) => {
      mayActUntilBootMs = untilBootMs;
      runner.setDeadline(untilBootMs);
    },
  };
}
