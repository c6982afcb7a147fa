// One service on this node, level-triggered: what the store asks for is compared with what is remembered and what runs, and the
// difference is done. The lease is held beside it, so that a long step does not cost the service its life (S12 to S16).
import type { AgentGoal, AgentOrder, AgentReport } from '../ports/agent-link.ts';
import type { KeeperHello, KeptExit } from '../ports/keeper.ts';
import type { ActionResult, NodeRole } from '../ports/node-driver.ts';
import type { ServiceState } from '../ports/node-state.ts';
import { doOrder } from './do-order.ts';
import type { Held } from './held-lease.ts';
import { KEEPER_MS, KeptHere } from './kept-here.ts';
import { LeaseHolder } from './lease-holder.ts';
import type { ServiceAgentDeps } from './service-agent-deps.ts';
import { claim, comparePositions, type StepRecord } from './step-memory.ts';
import { stepResult } from './step-result.ts';
import { UnitWatch } from './unit-watch.ts';

/** `isLost`: before the order was written down. */
type Circumstances = { readonly signal: AbortSignal; readonly isLost: boolean };

export class ServiceAgent {
  readonly #deps: ServiceAgentDeps;
  readonly #here: KeptHere;
  readonly #lease: LeaseHolder;
  readonly #unitWatch: UnitWatch;
  #goal: AgentGoal;
  #doing: { readonly order: AgentOrder; readonly abort: AbortController; readonly done: Promise<void> } | null = null;
  #stopping: Promise<void> | null = null;
  #exited: string | null = null;

  /** `kept`: what the keeper has of the service, from an agent that ran before (S16). */
  constructor(deps: ServiceAgentDeps, goal: AgentGoal, { hello }: { readonly hello: KeeperHello }) {
    this.#deps = deps;
    this.#here = new KeptHere(deps, hello);
    this.#goal = goal;
    this.#unitWatch = new UnitWatch(deps);
    const onStop = (reason: string) => void this.#selfStop(reason);
    this.#lease = new LeaseHolder({ ...deps, node: goal.node, onStop });
    this.#pursue();
  }

  /** The agent ends and the service goes on: whatever the keeper was told stands (S16). */
  end(): void {
    this.#lease.release();
  }

  /** What the store asks for. */
  set goal(goal: AgentGoal) {
    this.#goal = goal;
    this.#pursue();
  }

  /** The keeper saw the service end. */
  exited(exit: KeptExit): void {
    this.#here.ended(exit);
    const isAsked = this.#stopping !== null || this.#doing?.order.action === 'stop';
    if (!isAsked) this.#exited = `it ended by itself, ${exit.signal ?? `exit code ${exit.code}`}`;
    if (!this.#isStarting) this.#lease.release();
    this.#deps.onChange();
  }

  get #isRunning(): boolean {
    return this.#here.running !== null;
  }

  get #isKept(): boolean {
    const kind = this.#goal.actions.start?.kind;
    return kind === 'run' || kind === 'unit';
  }

  /** Nothing binds it to its keeper, and the keeper that is there does not know it (S16). */
  get #isLost(): boolean {
    const { memory, service, bootId } = this.#deps;
    const isUnknown = this.#here.service === null && this.#bound === 'none';
    return isUnknown && !this.#isStarting && memory.of(service)?.startedBootId === bootId;
  }

  get #isStarting(): boolean {
    return this.#doing?.order.action === 'start';
  }

  get #enforced(): AgentReport['enforced'] {
    return this.#isKept ? this.#bound : 'none';
  }

  /** Who takes the service along when it dies: a systemd unit lives on without its keeper (S16). */
  get #bound(): AgentReport['enforced'] {
    return this.#unit === null ? this.#here.enforced : 'none';
  }

  get #unit(): string | null {
    const { start } = this.#goal.actions;
    return start?.kind === 'unit' ? start.unit : null;
  }

  #pursue(): void {
    this.#unitWatch.follow(this.#unit);
    this.#keepLease();
    this.#takeOrder();
  }

  /** What runs needs a lease of its own epoch; what has lost its grant goes at once (S15). */
  #keepLease(): void {
    const { grant } = this.#goal;
    const action = this.#doing?.order.action;
    const { running } = this.#here;
    if (running === null || this.#stopping !== null || action === 'stop') return;
    if (grant === null || grant.revoked) return void this.#selfStop('its grant has ended');
    // These hold the lease of their own epoch. Without them, what runs under a grant that is over learns so from its lease.
    if (action !== 'start' && action !== 'adopt') this.#lease.hold(this.#held(running.epoch));
  }

  #held(epoch: number): Held {
    const { lease, onStoreLoss } = this.#goal;
    const held = { epoch, terms: lease, enforced: this.#enforced, isKept: this.#isKept };
    const keptUntilBootMs = this.#here.running?.deadlineBootMs ?? null;
    return { ...held, stops: onStoreLoss !== 'stay', asksPeers: onStoreLoss === 'stayIfPeersAgree', keptUntilBootMs };
  }

  #takeOrder(): void {
    const { order, generation } = this.#goal;
    const { memory, service } = this.#deps;
    const known = memory.of(service);
    if (order === null || order.context.generation !== generation || this.#deps.signal.aborted) return;
    const claimed = claim(known, order.context);
    if (claimed.kind === 'lower' || claimed.kind === 'repeated') return;
    if (this.#doing !== null) {
      // A higher step takes the place of the one under way; nothing of it counts any more.
      if (comparePositions(order.context, this.#doing.order.context) > 0) this.#doing.abort.abort();
      return;
    }
    const abort = new AbortController();
    const done = this.#do(order, claimed.kind === 'interrupted', abort.signal).finally(() => {
      this.#doing = null;
      this.#deps.onChange();
      this.#pursue();
    });
    this.#doing = { order, abort, done };
    this.#deps.onChange();
  }

  /** Never rejects: what fails is the result, and what cannot be written down is not done (S12). */
  async #do(order: AgentOrder, isInterrupted: boolean, signal: AbortSignal): Promise<void> {
    const { memory, service, bootId, logger } = this.#deps;
    const { generation, epoch, step } = order.context;
    const { action } = order;
    const [before, isLost] = [memory.of(service)?.startedBootId ?? null, this.#isLost];
    const isUnbound = action === 'start' && this.#bound === 'none';
    const startedBootId = isUnbound ? bootId : before;
    const record = { generation, epoch, step, action, bootId, startedBootId, result: null };
    if (!isInterrupted && !(await this.#remember(record))) return;
    this.#exited = null;
    const result = isInterrupted ? this.#interrupted(order) : await this.#act(order, { signal, isLost });
    logger.info({ service, action, epoch, step, kind: result.kind, reason: result.reason }, 'step ended');
    const ended = { ...record, startedBootId: this.#leftBy(action, before, result), result };
    // Until it is on the disk nobody is told; what was done stays done.
    while (!(await this.#remember(ended)) && !this.#deps.signal.aborted);
  }

  /** Boot in which a keeper that dies leaves something behind; one that does not know the service was never asked to start it. */
  #leftBy(action: AgentOrder['action'], before: string | null, { kind }: ActionResult): string | null {
    if (action === 'stop' && kind === 'done') return null;
    const isUnbound = action === 'start' && this.#bound === 'none' && this.#here.service !== null;
    return isUnbound ? this.#deps.bootId : before;
  }

  /** False after a while when it could not be written. */
  async #remember(record: StepRecord): Promise<boolean> {
    const { memory, service, logger, clock } = this.#deps;
    try {
      await memory.write(service, record);
      return true;
    } catch (error) {
      const { action, step } = record;
      logger.error({ err: error, service, action, step }, 'the step cannot be remembered');
      await new Promise<void>((resolve) => void clock.timer(RETRY_MS, () => resolve()));
      return false;
    }
  }

  /** S33: a start whose process is there was done; of everything else nobody knows. */
  #interrupted({ action, context }: AgentOrder): ActionResult {
    if (action === 'start' && this.#here.running?.step === context.step)
      return stepResult('done', 'spawned before the agent was restarted');
    return stepResult('failed', 'the agent was restarted in the middle of this step');
  }

  async #act(order: AgentOrder, { signal, isLost }: Circumstances): Promise<ActionResult> {
    if (this.#stopping !== null) await this.#stopping;
    const { action, context } = order;
    // There may be another keeper by now, which binds less.
    if (action !== 'stop') await this.#here.look();
    const { keeper, clock, runCommand, parentEnv, service } = this.#deps;
    const { exitCount } = this.#here;
    const result = await doOrder(order, {
      action: this.#goal.actions[action === 'adopt' ? 'start' : action] ?? null,
      ...{ service, keeper, clock, runCommand, parentEnv, signal },
      ...{ isRunning: this.#isRunning, isKept: this.#isKept, isLost, unit: this.#unit },
      stopTimeoutMs: this.#goal.lease.stopTimeoutMs,
      fresh: () => this.#lease.fresh(this.#held(context.epoch)),
      onSpawned: (pid) => {
        if (this.#here.exitCount === exitCount) this.#here.spawned({ ...context, pid });
      },
      onStopped: () => this.#noteStopped(),
    });
    await this.#here.look();
    if (!this.#isRunning && this.#isKept) this.#lease.release();
    return result;
  }

  /** Nothing is renewed any more for what is not there. */
  #noteStopped(): void {
    this.#lease.release();
    this.#here.stopped();
  }

  /** The keeper kills what is left of it at the deadline, whatever becomes of this. */
  async #selfStop(reason: string): Promise<void> {
    if (this.#stopping !== null || !this.#isRunning) return;
    const { keeper, service, logger, clock } = this.#deps;
    const { stopTimeoutMs } = this.#goal.lease;
    const unit = this.#unit;
    logger.warn({ service, reason }, 'the service is stopped by its agent');
    this.#lease.release();
    const call = new AbortController();
    const deadline = clock.timer(stopTimeoutMs + KEEPER_MS, () => call.abort());
    this.#stopping = keeper
      .stop({ service, graceMs: stopTimeoutMs, ...(unit === null ? {} : { unit }) }, { signal: call.signal })
      .then(
        ({ kind }) => kind === 'stopped' && this.#noteStopped(),
        (error: unknown) => logger.error({ err: error, service }, 'the keeper does not answer'),
      )
      .then(() => this.#here.look())
      .finally(() => {
        deadline.stop();
        this.#stopping = null;
        if (!this.#isRunning) this.#exited = `stopped by its agent: ${reason}`;
        // Nobody has to ask for it again: what has to go is stopped until it is gone.
        else if (!this.#deps.signal.aborted) void clock.timer(RETRY_MS, () => this.#pursue());
        this.#deps.onChange();
      });
    this.#deps.onChange();
    await this.#stopping;
  }

  /** For others on this machine. What is being stopped is not active for them, although it may still run. */
  state(): ServiceState {
    const standing = this.#lease.standing;
    const isStopping = this.#stopping !== null || this.#doing?.order.action === 'stop';
    return {
      node: this.#goal.node,
      epoch: standing?.epoch ?? this.report().epoch,
      role: isStopping ? 'stopping' : this.#role(),
      activeUntilBootMs: standing?.stopBootMs ?? null,
      renewedBootMs: standing?.renewedBootMs ?? null,
      renewEveryMs: standing?.renewEveryMs ?? null,
    };
  }

  report(): AgentReport {
    const { service, agentRun, memory, jobsOf } = this.#deps;
    const known = memory.of(service);
    const isStopped = known?.action === 'stop' && known.result?.kind === 'done';
    const [unfit, jobs] = [this.#unitWatch.fault, jobsOf?.(service) ?? null];
    return {
      service,
      node: this.#goal.node,
      agentRun,
      generation: known?.generation ?? 0,
      epoch: this.#here.running?.epoch ?? known?.epoch ?? 0,
      step: known?.step ?? 0,
      role: this.#role(),
      running: this.#isKept && !this.#isLost ? this.#isRunning : null,
      // S17: no stop is acknowledged while anything runs.
      lastResult: isStopped && this.#isRunning ? null : (known?.result ?? null),
      exited: this.#isRunning ? null : this.#exited,
      enforced: this.#enforced,
      ...(unfit === null ? {} : { unfit }),
      ...(jobs === null ? {} : { jobs }),
    };
  }

  #role(): NodeRole {
    if (this.#isRunning) return 'active';
    if (this.#isStarting) return 'starting';
    if (this.#isLost) return 'unknown';
    if (this.#isKept) return 'stopped';
    // A command left something behind that nobody owns: its last word is all there is.
    const known = this.#deps.memory.of(this.#deps.service);
    if (known?.bootId !== this.#deps.bootId) return 'unknown';
    if (known.action === 'start') return known.result?.kind === 'done' ? 'active' : 'unknown';
    return known.action === 'stop' && known.result?.kind === 'done' ? 'stopped' : 'unknown';
  }
}

const RETRY_MS = 1_000;
