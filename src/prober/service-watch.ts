// One service as one prober sees it: a watch for each node, the observations and suspicions it leaves on the board, and the
// occasions on which everybody looks at once (design: quick detection without more checks).
import type { NodeId } from '../base/ids.ts';
import type { NodeConfig, ServiceConfig } from '../config/config.ts';
import { nodeAsSeenBy } from './node-as-seen.ts';
import { type NodeReport, NodeWatch } from './node-watch.ts';
import { isChanged, observationOf } from './observation-of.ts';
import type { ProberDeps } from './prober-deps.ts';
import type { RecordBoard } from './record-board.ts';
import type { SelfCheck } from './self-check.ts';
import { readServiceContext } from './service-context.ts';
import { StandbyWatch } from './standby-watch.ts';

export type ServiceWatchOptions = {
  readonly deps: ProberDeps;
  readonly service: ServiceConfig;
  readonly board: RecordBoard;
  readonly selfCheck: SelfCheck;
  /** Called whenever a check has completed (S23). */
  readonly onRound: () => void;
};

export class ServiceWatch {
  readonly #options: ServiceWatchOptions;
  readonly #watches: ReadonlyMap<NodeId, NodeWatch>;
  readonly #standbys: StandbyWatch;
  readonly #vantage: string;
  /** Suspicions of others that were followed already, by key and version. */
  readonly #followed = new Map<string, number>();
  /** The newest report of each node: an older one that waited for the references must not overwrite it. */
  readonly #newest = new Map<NodeId, NodeReport>();
  readonly #stops: (() => void)[] = [];
  #quietOpId: string | null = null;

  constructor(options: ServiceWatchOptions) {
    this.#options = options;
    const { probers } = options.service;
    const index = probers.findIndex((prober) => prober.id === options.deps.id);
    this.#vantage = probers[index]?.vantage ?? '';
    const phase = index / Math.max(1, probers.length);
    this.#standbys = new StandbyWatch({ ...options, vantage: this.#vantage, phase });
    this.#watches = new Map(
      options.service.nodes.map((node) => [
        node.id,
        new NodeWatch({
          deps: options.deps,
          node: nodeAsSeenBy(options.deps.id, node),
          phase,
          onReport: (report) => this.#report(node, report),
          onRound: options.onRound,
        }),
      ]),
    );
  }

  start(): void {
    const { view, keys } = this.#options.deps;
    const { id } = this.#options.service;
    // What other services do is none of its business, and there may be thousands of them.
    for (const prefix of [keys.operation(id), `${keys.suspicions}${id}/`]) {
      this.#stops.push(view.onChange(prefix, () => this.#follow()));
    }
    this.#stops.push(view.onChange(`${keys.agents}${id}/`, () => this.#followAgents()));
    for (const watch of this.#watches.values()) watch.start();
    this.#standbys.start();
    this.#follow();
    this.#followAgents();
  }

  stop(): void {
    for (const stop of this.#stops) stop();
    for (const watch of this.#watches.values()) watch.stop();
    this.#standbys.stop();
  }

  /** Looks at the cluster's records: an operation that verifies or waits for silence, a suspicion of somebody else. */
  #follow(): void {
    const { deps, service } = this.#options;
    const context = readServiceContext(deps.view, deps.keys, service.id);
    for (const [node, watch] of this.#watches) watch.verify(context.verify?.node === node ? context.verify : null);
    this.#followQuiet(context.quietExcept);
    for (const entry of deps.view.list(`${deps.keys.suspicions}${service.id}/`)) {
      const [node = '', prober] = entry.key.slice(`${deps.keys.suspicions}${service.id}/`.length).split('/');
      if (prober === deps.id || this.#followed.get(entry.key) === entry.version) continue;
      this.#followed.set(entry.key, entry.version);
      const found = service.nodes.find((candidate) => candidate.id === node);
      if (found !== undefined) this.#watches.get(node)?.poke(patienceMs(found));
    }
  }

  /** An agent sees its service end at once, and says so: everybody looks, and nobody waits for `minDown` (S24). */
  #followAgents(): void {
    const { deps, service } = this.#options;
    for (const node of service.nodes) {
      const key = deps.keys.agent(service.id, node.id);
      const entry = deps.view.get(key);
      if (entry === undefined || this.#followed.get(key) === entry.version) continue;
      this.#followed.set(key, entry.version);
      if (hasEnded(entry.value)) this.#watches.get(node.id)?.ended(patienceMs(node));
    }
  }

  /** A new session begins with fresh looks: what was seen under the one before is not said again (S6, S23). */
  forget(): void {
    this.#standbys.forget();
    const { deps, service, board } = this.#options;
    for (const [node, watch] of this.#watches) {
      this.#newest.delete(node);
      board.set(deps.keys.observation(service.id, node, deps.id), null);
      board.set(deps.keys.suspicion(service.id, node, deps.id), null);
      watch.forget();
    }
  }

  #followQuiet(quiet: { readonly opId: string; readonly target: NodeId | null } | null): void {
    if (quiet === null || quiet.opId === this.#quietOpId) {
      if (quiet === null) this.#quietOpId = null;
      return;
    }
    this.#quietOpId = quiet.opId;
    for (const node of this.#options.service.nodes) {
      const watch = this.#watches.get(node.id);
      if (node.id !== quiet.target && watch?.answering === true) watch.poke(patienceMs(node));
    }
  }

  #report(node: NodeConfig, report: NodeReport): void {
    this.#newest.set(node.id, report);
    const { selfCheck, deps } = this.#options;
    const isFailing = report.health.streak?.kind === 'fail';
    if (!isFailing || deps.config.cluster.references.length === 0) {
      this.#publish(node, report, isFailing && selfCheck.state.kind === 'isolated');
      return;
    }
    // S22: a failure is not told before a look at the references that began after it.
    const since = report.health.streak?.firstEndedMonoMs ?? 0;
    void selfCheck.since(since).then((state) => {
      if (this.#newest.get(node.id) === report) this.#publish(node, report, state.kind === 'isolated');
    });
  }

  #publish(node: NodeConfig, report: NodeReport, abstains: boolean): void {
    const { deps, service, board } = this.#options;
    const key = deps.keys.observation(service.id, node.id, deps.id);
    const suspicion = deps.keys.suspicion(service.id, node.id, deps.id);
    const { active } = readServiceContext(deps.view, deps.keys, service.id);
    const isSuspect = report.health.streak?.kind === 'fail' && node.id === active && !abstains && !report.isAbsent;
    const value = report.isAbsent
      ? null
      : observationOf(report, { vantage: this.#vantage, abstains, wallMs: deps.clock.wallMs() });
    if (value === null) board.set(key, null);
    else if (isChanged(board.get(key), value)) board.set(key, JSON.stringify(value));
    if (!isSuspect) board.set(suspicion, null);
    else if (board.get(suspicion) === undefined) board.set(suspicion, JSON.stringify({ reason: value?.reason ?? '' }));
  }
}

/** Whether an agent says that its service has ended by itself. */
function hasEnded(report: string): boolean {
  try {
    const { running, exited } = JSON.parse(report) as { readonly running?: unknown; readonly exited?: unknown };
    return running === false && typeof exited === 'string';
  } catch {
    return false;
  }
}

/** How long everybody looks faster after an occasion: enough for `fall` rechecks that all time out, twice. */
function patienceMs(node: NodeConfig): number {
  const { check } = node;
  return 2 * Math.max(check.intervalMs, check.minDownMs, check.fall * Math.max(check.recheckMs, check.timeoutMs));
}
