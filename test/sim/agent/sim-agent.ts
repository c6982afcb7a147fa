// The stand-in of an agent: it runs a service only while it holds a lease. A start is a goal; the service is spawned after the
// answer to a renewal for this epoch, with the keeper armed first, and is stopped before that renewal runs out (S14).
import type { Timer } from '../../../src/base/clock.ts';
import type { Grant } from '../../../src/failover/service-state.ts';
import type { Store } from '../../../src/ports/store.ts';
import type { SimClock } from '../sim-clock.ts';
import type { NodeAgent, SimNode } from '../sim-node.ts';
import type { AgentMachine } from './agent-machine.ts';
import { LEASE, RENEW_MS } from './lease-run.ts';

type Goal = {
  readonly epoch: number;
  /** Adoption and an agent that comes back keep what runs and start nothing (S11). */
  readonly spawns: boolean;
  readonly onReached: () => void;
  isReached: boolean;
  /** Of the grant, as it was when it was read last; null: to be read again. */
  grantVersion: number | null;
};

/** One life of the agent: it ends with a crash or with the power. */
export type Life = { readonly clock: SimClock; readonly store: Store; readonly run: number };
type Word = 'renewed' | 'unanswered' | 'changed' | 'over';

const STOP_MIN_MS = 20;

export class SimAgent implements NodeAgent {
  readonly #node: SimNode;
  readonly #machine: AgentMachine;
  #life: Life | null = null;
  #goal: Goal | null = null;
  #stopTimer: Timer | null = null;
  #tokens = 0;

  constructor(node: SimNode, machine: AgentMachine) {
    this.#node = node;
    this.#machine = machine;
    this.#begin();
  }

  get isUp(): boolean {
    return this.#node.isPowered && this.#life?.clock.state === 'running';
  }

  /** It may still start something. */
  get isBusy(): boolean {
    return this.#goal !== null && !this.#goal.isReached;
  }

  pursue(epoch: number, { spawns, onReached }: Parameters<NodeAgent['pursue']>[1]): void {
    if (this.#life === null || (this.#goal?.epoch ?? 0) > epoch) return;
    this.#goal = { epoch, spawns, onReached, isReached: false, grantVersion: null };
    void this.#hold(this.#goal, this.#life);
  }

  /** A stop that is acknowledged ends all renewals. */
  stopped(): void {
    this.#goal = null;
    this.#stopTimer?.stop();
    this.#machine.keeper.disarm();
  }

  /** The process is gone; its keeper and the service go on. */
  crash(): void {
    this.#life?.clock.kill();
    this.#life = null;
    this.#goal = null;
    this.#machine.later(() => this.#begin());
  }

  /** With the power go the service and its keeper too. */
  cutOff(): void {
    if (this.#life !== null) this.crash();
    this.#machine.keeper.disarm();
  }

  pause(): void {
    this.#life?.clock.stop();
  }

  resume(): void {
    this.#life?.clock.resume();
  }

  /** A new run is a standby, unless an instance of the run before is still there: that is kept while its grant holds. */
  #begin(): void {
    if (this.#life !== null) return;
    if (!this.#node.isPowered) return this.#machine.later(() => this.#begin());
    this.#life = this.#machine.open();
    const { isAlive, epoch } = this.#node;
    this.#machine.note(() => `AGENT ${this.#node.id} starts, ${isAlive ? 'and finds its service' : 'a standby'}`);
    if (isAlive) this.pursue(epoch, { spawns: false, onReached: () => undefined });
  }

  async #hold(goal: Goal, life: Life): Promise<void> {
    while (this.#isCurrent(goal, life)) {
      const hasEnded = !this.#node.isAlive && (goal.isReached || !goal.spawns);
      if (hasEnded) return this.stopped();
      const word = await this.#renew(goal, life);
      if (!this.#isCurrent(goal, life)) return;
      if (word === 'over') return this.#selfStop('its grant has ended');
      if (word !== 'changed') await new Promise<void>((resolve) => void life.clock.timer(RENEW_MS, resolve));
    }
  }

  #isCurrent(goal: Goal, life: Life): boolean {
    return this.#goal === goal && this.#life === life;
  }

  async #renew(goal: Goal, life: Life): Promise<Word> {
    try {
      return goal.grantVersion === null ? await this.#readGrant(goal, life) : await this.#commit(goal, life);
    } catch {
      // Nobody answers: the deadline of the last renewal stands.
      return 'unanswered';
    }
  }

  async #readGrant(goal: Goal, { store }: Life): Promise<Word> {
    const entry = await store.get(this.#machine.keys.grant('web'));
    const grant = entry === null ? null : (JSON.parse(entry.value) as Grant);
    if (entry === null || grant?.node !== this.#node.id || grant.revoked) return 'over';
    // A newer epoch of this node comes with a goal of its own.
    if (grant.epoch !== goal.epoch) return 'unanswered';
    goal.grantVersion = entry.version;
    return 'changed';
  }

  /** One commit that succeeds only while the grant is what it was read as; its period counts from before it was sent (S3). */
  async #commit(goal: Goal, life: Life): Promise<Word> {
    const { clock, store } = life;
    const { keys } = this.#machine;
    const version = goal.grantVersion ?? 0;
    const sentBootMs = clock.bootMs();
    const writes = [{ kind: 'put', key: keys.lease('web', this.#node.id), value: this.#lease(goal, life) }] as const;
    const guards = [{ kind: 'version', key: keys.grant('web'), version }] as const;
    const answer = await store.commit({ guards, writes, token: this.#token(life) });
    if (answer.kind === 'conflict') goal.grantVersion = null;
    if (answer.kind !== 'committed') return answer.kind === 'conflict' ? 'changed' : 'unanswered';
    this.#renewed(goal, life, sentBootMs);
    return 'renewed';
  }

  #token({ run }: Life): string {
    this.#tokens += 1;
    return `agent-${this.#node.id}-${run}-${this.#tokens}`;
  }

  #lease({ epoch }: Goal, { run }: Life): string {
    const { kind } = this.#machine;
    const armed = kind !== 'unarmed';
    const enforced = kind === 'unbound' ? 'none' : 'keeper';
    return JSON.stringify({ epoch, agentRun: run, ...LEASE, armed, enforced });
  }

  /** An answer that comes after the time for a stop is too late to rest anything on. */
  #renewed(goal: Goal, life: Life, sentBootMs: number): void {
    const { clock } = life;
    const deadBootMs = sentBootMs + LEASE.periodMs - LEASE.marginMs;
    const stopBootMs = deadBootMs - LEASE.stopTimeoutMs;
    if (!this.#isCurrent(goal, life) || clock.bootMs() >= stopBootMs) return;
    this.#stopTimer?.stop();
    this.#stopTimer = clock.timer(stopBootMs - clock.bootMs(), () => this.#selfStop('its lease runs out'));
    this.#machine.keeper.arm(deadBootMs);
    if (!goal.isReached) this.#reach(goal);
  }

  #reach(goal: Goal): void {
    if (!goal.spawns && !this.#node.isAlive) return;
    goal.isReached = true;
    this.#machine.checks.spawned(this.#node.id, goal.epoch);
    this.#node.take(goal.epoch);
    this.#node.epoch = goal.epoch;
    goal.onReached();
  }

  /** It stops its service by itself, which may fail: then the keeper is what ends it. */
  #selfStop(why: string): void {
    const { note, draw } = this.#machine;
    note(() => `AGENT ${this.#node.id} stops by itself: ${why}`);
    this.#goal = null;
    this.#stopTimer?.stop();
    this.#life?.clock.timer(draw.between(STOP_MIN_MS, LEASE.stopTimeoutMs), () => {
      const { failsToStop, stopHangs } = this.#node.knobs;
      if (this.#goal === null && !failsToStop && !stopHangs) this.#node.release();
    });
  }
}
