// One node under watch by one prober: runs its check in rhythm, folds the results and says when something changed.
// It decides nothing about the service; a verdict is one vote.

import type { Timer } from '../base/clock.ts';
import type { NodeConfig } from '../config/config.ts';
import { fold } from '../health/fold.ts';
import { type HealthState, initialHealth } from '../health/health-state.ts';
import type { ProbeResult } from '../health/probe-result.ts';
import { isStale } from '../health/staleness.ts';
import { AWAITED_LOOKS_MAX, isOpen, nextLookMs } from './next-look.ts';
import type { Looked, ProberDeps } from './prober-deps.ts';

export type Stamp = { readonly opId: string; readonly epoch: number };

/** What the watch reports after every round. */
export type NodeReport = {
  readonly health: HealthState;
  readonly answering: boolean;
  readonly stamp: Stamp | null;
  /** Nothing was seen in three intervals: the vote is absent (S23). */
  readonly isAbsent: boolean;
};

/** How long a check may take to heed its deadline before it is called overdue. */
const HEED_MS = 100;
/** A check that ends this long after its deadline was held up by this process, not by the node. */
const OVERDUE_MS = 250;

/** A process that stood still finds every deadline passed when it wakes: that it could not look is no failure (S22, S23). */
function believed(result: ProbeResult, tookMs: number, check: NodeConfig['check']): ProbeResult {
  if (result.kind !== 'fail' || tookMs <= check.timeoutMs + OVERDUE_MS) return result;
  const reason = `this prober stood still: a check of at most ${check.timeoutMs} ms took ${Math.round(tookMs)} ms`;
  return { kind: 'error', phases: result.phases, reason };
}

export type NodeWatchOptions = {
  readonly deps: Pick<ProberDeps, 'clock' | 'runCheck' | 'logger'>;
  readonly node: NodeConfig;
  readonly phase: number;
  readonly onReport: (report: NodeReport) => void;
  /** A round is over and nothing of it is left: this process still gets its work done (S23). */
  readonly onRound: () => void;
};

export class NodeWatch {
  readonly #options: NodeWatchOptions;
  #health: HealthState;
  #answering = false;
  #stamp: Stamp | null = null;
  #verifying = false;
  /** Looks of VERIFY_NEW that were sooner than `recheck`. */
  #awaitedLooks = 0;
  /** Looks that began before are of no use any more. */
  #countsSinceMonoMs = Number.NEGATIVE_INFINITY;
  #urgentUntilMonoMs = 0;
  #timer: Timer | null = null;
  #isRunning = false;
  #isStopped = false;
  #lookAgain = false;
  #isToldEnded = false;

  constructor(options: NodeWatchOptions) {
    this.#options = options;
    this.#health = initialHealth(options.deps.clock.monotonicMs());
  }

  get #check(): NodeConfig['check'] {
    const { check } = this.#options.node;
    return this.#isToldEnded ? { ...check, minDownMs: 0 } : check;
  }

  get answering(): boolean {
    return this.#answering;
  }

  start(): void {
    // The first look is at once: a prober that has just started knows nothing.
    this.#schedule(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.stop();
  }

  /** Look at once and go on at `recheck` for `forMs`: another prober has a suspicion, or an operation wants to know. */
  poke(forMs: number): void {
    const { clock } = this.#options.deps;
    this.#urgentUntilMonoMs = Math.max(this.#urgentUntilMonoMs, clock.monotonicMs() + forMs);
    this.#lookNow();
  }

  /** Its agent saw the instance end: failures count without lasting for `minDown`, until the next pass (S24). */
  ended(forMs: number): void {
    this.#isToldEnded = true;
    this.poke(forMs);
  }

  /** VERIFY_NEW: only checks begun from now on count, and they are stamped (S25). Null ends the fast rhythm. */
  verify(stamp: Stamp | null): void {
    if (stamp === null) {
      this.#verifying = false;
      return;
    }
    if (this.#stamp?.opId === stamp.opId && this.#stamp.epoch === stamp.epoch && this.#verifying) return;
    this.#stamp = stamp;
    this.#verifying = true;
    this.#awaitedLooks = 0;
    this.#beginAnew();
  }

  /** Everything seen so far may be long past: only looks begun from now on count (S6). */
  forget(): void {
    this.#beginAnew();
  }

  #beginAnew(): void {
    const now = this.#options.deps.clock.monotonicMs();
    this.#countsSinceMonoMs = now;
    this.#answering = false;
    this.#health = initialHealth(now);
    this.#lookNow();
  }

  #lookNow(): void {
    if (this.#isRunning) this.#lookAgain = true;
    else this.#schedule(0);
  }

  #schedule(delayMs: number): void {
    this.#timer?.stop();
    if (this.#isStopped) return;
    this.#timer = this.#options.deps.clock.timer(delayMs, () => void this.#round());
  }

  async #round(): Promise<void> {
    if (this.#isRunning || this.#isStopped) return;
    this.#isRunning = true;
    this.#lookAgain = false;
    const { clock } = this.#options.deps;
    const beganAtMonoMs = clock.monotonicMs();
    const looks = await this.#look();
    const counts = beganAtMonoMs >= this.#countsSinceMonoMs;
    if (counts) this.#take(looks.health, looks.active, beganAtMonoMs);
    if (!this.#isStopped) this.#report();
    // S23: not started again before nothing of it is left.
    if (looks.lingering.length > 0) await this.#outwait(Promise.all(looks.lingering));
    this.#options.onRound();
    this.#isRunning = false;
    this.#schedule(this.#lookAgain || !counts ? 0 : this.#delay(beganAtMonoMs));
  }

  /** A check that does not go away keeps reporting, so that its vote becomes absent in time (S23). */
  async #outwait(gone: Promise<unknown>): Promise<void> {
    const { clock } = this.#options.deps;
    let timer: Timer | null = null;
    const again = () => {
      timer = clock.timer(this.#options.node.check.intervalMs, () => {
        if (!this.#isStopped) this.#report();
        again();
      });
    };
    again();
    await gone;
    (timer as Timer | null)?.stop();
  }

  /** The health check and, where it is another one, the check that only an active instance passes, side by side. */
  async #look(): Promise<{ health: ProbeResult; active: ProbeResult; lingering: Promise<void>[] }> {
    const { node } = this.#options;
    const isSame = node.activeCheck === node.check;
    const [health, active] = await Promise.all([this.#run(node.check), isSame ? null : this.#run(node.activeCheck)]);
    const lingering = [health.lingering, active?.lingering ?? null].filter((left) => left !== null);
    return { health: health.result, active: active?.result ?? health.result, lingering };
  }

  /** Always over by the deadline: a check that does not heed its signal is an error that lingers (S23). */
  async #run(check: NodeConfig['check']): Promise<Looked> {
    const { clock, runCheck } = this.#options.deps;
    const deadline = new AbortController();
    const timer = clock.timer(check.timeoutMs, () => deadline.abort());
    const looking = runCheck(check.target, { signal: deadline.signal });
    const overdue = new Promise<Looked>((resolve) => {
      deadline.signal.addEventListener('abort', () => {
        clock.timer(HEED_MS, () => {
          const reason = `the check did not end by its deadline of ${check.timeoutMs} ms`;
          const lingering = looking.then(({ lingering: rest }) => rest ?? undefined);
          resolve({ result: { kind: 'error', phases: {}, reason }, lingering });
        });
      });
    });
    try {
      return await Promise.race([looking, overdue]);
    } finally {
      timer.stop();
    }
  }

  #take(result: ProbeResult, active: ProbeResult, beganAtMonoMs: number): void {
    const endedAtMonoMs = this.#options.deps.clock.monotonicMs();
    const tookMs = endedAtMonoMs - beganAtMonoMs;
    const check = this.#check;
    this.#health = fold(this.#health, { result: believed(result, tookMs, check), beganAtMonoMs, endedAtMonoMs }, check);
    if (believed(active, tookMs, check).kind !== 'error') this.#answering = active.kind === 'pass';
    if (result.kind === 'pass') this.#isToldEnded = false;
  }

  #report(): void {
    const nowMonoMs = this.#options.deps.clock.monotonicMs();
    this.#options.onReport({
      health: this.#health,
      answering: this.#answering,
      stamp: this.#stamp,
      isAbsent: isStale(this.#health, this.#options.node.check, nowMonoMs),
    });
  }

  #delay(beganAtMonoMs: number): number {
    const nowMonoMs = this.#options.deps.clock.monotonicMs();
    const isUrgent = this.#verifying || nowMonoMs < this.#urgentUntilMonoMs || isOpen(this.#health);
    const isSeen = this.#answering && this.#health.streak?.kind === 'pass';
    const isAwaited = this.#verifying && !isSeen && this.#awaitedLooks < AWAITED_LOOKS_MAX;
    if (isAwaited) this.#awaitedLooks += 1;
    const { phase } = this.#options;
    return nextLookMs({
      check: this.#check,
      health: this.#health,
      isUrgent,
      isAwaited,
      phase,
      beganAtMonoMs,
      nowMonoMs,
    });
  }
}
