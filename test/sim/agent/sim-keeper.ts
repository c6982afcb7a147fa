// The keeper of a simulated node: a second process on the machine of an agent, which outlives it, starts and stops the instance
// and ends it at the deadline that it was told last, on its own clock and whatever the agent does (S16).
import type { Timer } from '../../../src/base/clock.ts';
import type { Keeper, KeptExit, KeptService, SpawnAnswer, StopAnswer } from '../../../src/ports/keeper.ts';
import type { SimClock } from '../sim-clock.ts';
import type { SimNode } from '../sim-node.ts';
import type { LeaseChecks } from './check-leases.ts';

export type SimKeeperOptions = {
  readonly node: SimNode;
  readonly clock: SimClock;
  /** false: the instance does not die with the keeper, which is stopped here for good: it kills nothing. */
  readonly binds: boolean;
  readonly checks: LeaseChecks;
  readonly note: (text: () => string) => void;
  readonly onKill: () => void;
};

/** Kept by the clock of the machine on which a stop that is ignored ends with a kill. */
const STOP_MS = 20;

export class SimKeeper implements Keeper {
  readonly #options: SimKeeperOptions;
  #boot = 1;
  #epoch = 0;
  #step = 0;
  #answer: SpawnAnswer | null = null;
  #deadlineBootMs: number | null = null;
  #timer: Timer | null = null;
  #lastExit: KeptExit | null = null;
  readonly #listeners = new Set<(service: string, exit: KeptExit) => void>();

  constructor(options: SimKeeperOptions) {
    this.#options = options;
  }

  hello: Keeper['hello'] = async () => ({
    pid: 1,
    bootId: `boot-${this.#boot}`,
    binds: this.#options.binds,
    watchdog: false,
    services: this.#epoch === 0 ? [] : [this.#kept()],
  });

  arm: Keeper['arm'] = async ({ epoch, deadlineBootMs }) => {
    if (epoch < this.#epoch || (epoch === this.#epoch && deadlineBootMs < (this.#deadlineBootMs ?? 0))) return false;
    this.#epoch = epoch;
    if (this.#options.node.isAlive) this.#options.node.epoch = epoch;
    this.#deadlineBootMs = deadlineBootMs;
    this.#timer?.stop();
    const { clock } = this.#options;
    if (deadlineBootMs < Number.MAX_SAFE_INTEGER)
      this.#timer = clock.timer(deadlineBootMs - clock.bootMs(), () => this.#kill());
    return true;
  };

  spawn: Keeper['spawn'] = async ({ epoch, step }) => {
    if (epoch === this.#epoch && step === this.#step && this.#answer !== null) return this.#answer;
    const { node, clock, checks } = this.#options;
    if (epoch < this.#epoch || step <= this.#step) return { kind: 'refused', reason: 'a higher step is known' };
    if (node.isAlive) return { kind: 'refused', reason: 'an instance is there' };
    const isArmed = this.#deadlineBootMs !== null && clock.bootMs() < this.#deadlineBootMs;
    if (!isArmed || epoch !== this.#epoch) return { kind: 'refused', reason: 'not armed' };
    this.#epoch = epoch;
    this.#step = step;
    this.#answer = node.knobs.failsToStart ? { kind: 'failed', reason: 'exit code 1' } : { kind: 'spawned', pid: step };
    if (this.#answer.kind === 'spawned') {
      checks.spawned(node.id, epoch);
      node.take(epoch);
      // It runs and does not answer.
      node.knobs.isHung = node.knobs.startHangs;
    }
    return this.#answer;
  };

  stop: Keeper['stop'] = async ({ graceMs }, { signal }): Promise<StopAnswer> => {
    const { node, clock } = this.#options;
    const isBoot = this.#boot;
    const waitMs = node.knobs.stopHangs ? graceMs : Math.min(graceMs, STOP_MS);
    await clock.sleep(waitMs, { signal });
    if (isBoot !== this.#boot) return { kind: 'stopped' };
    if (node.isAlive && node.knobs.failsToStop) return { kind: 'stillRunning', reason: 'a process cannot be killed' };
    this.#disarm();
    node.release();
    return { kind: 'stopped' };
  };

  /** No service here is a unit. */
  judgeUnit: Keeper['judgeUnit'] = async () => ({ kind: 'fit' });

  onExit: Keeper['onExit'] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The instance is gone, for whatever reason. */
  ended(): void {
    this.#lastExit = { code: 1, signal: null, atBootMs: this.#options.clock.bootMs() };
    for (const listener of this.#listeners) listener('web', this.#lastExit);
  }

  /** With the power goes everything that it knew. */
  reboot(): void {
    this.#boot += 1;
    this.#disarm();
    this.#epoch = 0;
    this.#step = 0;
    this.#answer = null;
    this.#listeners.clear();
  }

  #disarm(): void {
    this.#timer?.stop();
    this.#deadlineBootMs = null;
  }

  #kill(): void {
    const { node, binds, onKill } = this.#options;
    if (!binds || !node.isAlive) return;
    onKill();
    node.release();
  }

  #kept(): KeptService {
    const { isAlive, epoch } = this.#options.node;
    return {
      service: 'web',
      epoch: isAlive ? epoch : this.#epoch,
      step: this.#step,
      running: isAlive,
      pid: isAlive ? this.#step : null,
      deadlineBootMs: this.#deadlineBootMs,
      lastExit: this.#lastExit,
    };
  }
}
