// The warm standbys of one service as one prober sees them: whether each passes what a healthy standby passes (S25). A vote of its
// own, apart from the one on the service: it moves nothing, and says whether there is anywhere to move to.
import type { NodeId } from '../base/ids.ts';
import type { NodeConfig, ServiceConfig } from '../config/config.ts';
import { nodeAsSeenBy } from './node-as-seen.ts';
import { type NodeReport, NodeWatch } from './node-watch.ts';
import { isChanged, observationOf } from './observation-of.ts';
import type { ProberDeps } from './prober-deps.ts';
import type { RecordBoard } from './record-board.ts';
import type { SelfCheck } from './self-check.ts';
import { readServiceContext } from './service-context.ts';

export type StandbyWatchOptions = {
  readonly deps: ProberDeps;
  readonly service: ServiceConfig;
  readonly board: RecordBoard;
  readonly selfCheck: SelfCheck;
  readonly vantage: string;
  readonly phase: number;
  readonly onRound: () => void;
};

export class StandbyWatch {
  readonly #options: StandbyWatchOptions;
  readonly #watches = new Map<NodeId, NodeWatch>();
  /** The newest report of each node: an older one that waited for the references must not overwrite it. */
  readonly #newest = new Map<NodeId, NodeReport>();
  #stop: (() => void) | null = null;

  constructor(options: StandbyWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { deps, service } = this.#options;
    if (service.nodes.every(({ standbyCheck }) => standbyCheck === null)) return;
    this.#stop = deps.view.onChange(deps.keys.service(service.id), () => this.#follow());
    this.#follow();
  }

  stop(): void {
    this.#stop?.();
    for (const watch of this.#watches.values()) watch.stop();
  }

  /** A new session begins with fresh looks (S6). */
  forget(): void {
    for (const [node, watch] of this.#watches) {
      this.#say(node, null);
      watch.forget();
    }
  }

  /** Whoever is active is no standby, and need not pass for one. */
  #follow(): void {
    const { deps, service } = this.#options;
    const { active } = readServiceContext(deps.view, deps.keys, service.id);
    for (const node of service.nodes) {
      const watch = this.#watches.get(node.id);
      if (node.id !== active && watch === undefined) this.#begin(node);
      if (node.id !== active || watch === undefined) continue;
      watch.stop();
      this.#watches.delete(node.id);
      this.#say(node.id, null);
    }
  }

  #begin(node: NodeConfig): void {
    const { deps, phase, onRound } = this.#options;
    const { standbyCheck } = nodeAsSeenBy(deps.id, node);
    if (standbyCheck === null) return;
    const watched = { ...node, check: standbyCheck, activeCheck: standbyCheck };
    const watch: NodeWatch = new NodeWatch({
      deps,
      node: watched,
      phase,
      // One that was ended has nothing to say any more.
      onReport: (report) => this.#watches.get(node.id) === watch && this.#report(node.id, report),
      onRound,
    });
    this.#watches.set(node.id, watch);
    watch.start();
  }

  #report(node: NodeId, report: NodeReport): void {
    this.#newest.set(node, report);
    const { selfCheck, deps } = this.#options;
    const isFailing = report.health.streak?.kind === 'fail';
    if (!isFailing || deps.config.cluster.references.length === 0) {
      this.#publish(node, report, isFailing && selfCheck.state.kind === 'isolated');
      return;
    }
    // S22: a failure is not told before a look at the references that began after it.
    void selfCheck.since(report.health.streak?.firstEndedMonoMs ?? 0).then((state) => {
      if (this.#newest.get(node) === report) this.#publish(node, report, state.kind === 'isolated');
    });
  }

  #publish(node: NodeId, report: NodeReport, abstains: boolean): void {
    const { deps, service, board, vantage } = this.#options;
    if (report.isAbsent) return this.#say(node, null);
    const seen = observationOf(report, { vantage, abstains, wallMs: deps.clock.wallMs() });
    // What a standby passes is never an answer as active.
    const value = { ...seen, answering: false, stamp: null };
    if (isChanged(board.get(deps.keys.standby(service.id, node, deps.id)), value))
      this.#say(node, JSON.stringify(value));
  }

  #say(node: NodeId, value: string | null): void {
    const { deps, service, board } = this.#options;
    if (value === null) this.#newest.delete(node);
    board.set(deps.keys.standby(service.id, node, deps.id), value);
  }
}
