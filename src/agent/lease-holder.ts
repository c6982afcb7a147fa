// Holds the lease of one service on this node: renews it, arms the keeper with every renewal, and says when the service has to
// stop because no renewal came in time or none will come any more (S14, S15).
import type { Clock, Timer } from '../base/clock.ts';
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { AgentLink, Renewal } from '../ports/agent-link.ts';
import { type Keeper, NO_DEADLINE_BOOT_MS } from '../ports/keeper.ts';
import type { Logger } from '../ports/logger.ts';
import { AskedPeers, type ClaimOutcome, weighClaim } from './asked-peers.ts';
import type { Held, Standing } from './held-lease.ts';
import { type LeaseTimes, leaseTimes, renewEveryMs, timesBefore } from './lease-times.ts';

export type LeaseHolderDeps = {
  readonly service: ServiceId;
  readonly node: NodeId;
  readonly agentRun: string;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly link: Pick<AgentLink, 'renew' | 'claim'>;
  readonly keeper: Pick<Keeper, 'arm'>;
  /** The service has to go, now: its lease runs out, or its grant has ended. Called once for each `hold`. */
  readonly onStop: (reason: string) => void;
  /** A renewal was granted and taken. */
  readonly onRenewed: () => void;
};

/** `after`: number of the last renewal that was sent before somebody began to wait. */
type Fresh = { readonly after: number; readonly resolve: (isGranted: boolean) => void };

/** One stretch of holding: the same epoch from `hold` to `release`, and the calls that end with it. */
type Stretch = { readonly epoch: number; readonly over: AbortController };

type Silent = { readonly kind: 'silent' };
type Answered = ClaimOutcome | Silent;
type Sent = { readonly number: number; readonly bootMs: number };
type Taken = {
  readonly held: Held;
  readonly renewal: Renewal;
  readonly answer: Extract<ClaimOutcome, { readonly kind: 'renewed' | 'agreed' }>;
};

/** A timer may stand still while the machine is suspended: the clock that counts is looked at this often (S2). */
const LOOK_MS = 200;

export class LeaseHolder {
  readonly #deps: LeaseHolderDeps;
  #held: Held | null = null;
  #stretch: Stretch | null = null;
  #sent = 0;
  /** The latest deadline that the keeper may have of us, for whatever epoch. */
  #mayLastBootMs = 0;
  /** `sentBootMs` null: of an agent that ran before. */
  #times: (LeaseTimes & { readonly sentBootMs: number | null }) | null = null;
  #fresh: Fresh[] = [];
  #wake: () => void = () => undefined;
  #watch: Timer | null = null;
  readonly #asked = new AskedPeers();
  /** The last renewal was not answered: the probers are asked for their word. */
  #isCutOff = false;

  constructor(deps: LeaseHolderDeps) {
    this.#deps = deps;
  }

  get epoch(): number | null {
    return this.#held?.epoch ?? null;
  }

  /** null: no renewal was granted under this epoch, or it is over. */
  get standing(): Standing | null {
    if (this.#held === null || this.#times === null) return null;
    const { epoch, terms, stops, enforced } = this.#held;
    const { sentBootMs: renewedBootMs, stopBootMs } = this.#times;
    if (renewedBootMs === null) return null;
    const isEnforced = stops && enforced !== 'none';
    return { epoch, renewedBootMs, renewEveryMs: renewEveryMs(terms), stopBootMs: isEnforced ? stopBootMs : null };
  }

  /** Begins to renew; safe to repeat for the same epoch, whose terms may be others by then. */
  hold(held: Held): void {
    if (this.#held?.epoch !== held.epoch) this.release();
    this.#held = held;
    if (this.#stretch !== null) return;
    this.#mayLastBootMs = Math.max(this.#mayLastBootMs, held.keptUntilBootMs ?? 0);
    const stretch = { epoch: held.epoch, over: new AbortController() };
    this.#stretch = stretch;
    this.#expectEnd(held);
    if (this.#stretch === stretch) void this.#renewAlways(stretch);
  }

  /** No renewal any more, also none that is under way. Whatever the keeper was told stands. */
  release(): void {
    const [stretch, waiting] = [this.#stretch, this.#fresh];
    this.#held = null;
    this.#stretch = null;
    this.#asked.forget();
    this.#isCutOff = false;
    this.#times = null;
    this.#watch?.stop();
    this.#fresh = [];
    stretch?.over.abort(new Error('the lease is not held any more'));
    for (const { resolve } of waiting) resolve(false);
    this.#wake();
  }

  /**
   * Holds, and resolves once a renewal was granted that was sent after this call, with the keeper armed: only then may anything
   * start. With false when the lease is released before.
   */
  fresh(held: Held): Promise<boolean> {
    const after = this.#sent;
    this.hold(held);
    if (this.#stretch === null) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#fresh.push({ after, resolve });
      this.#wake();
    });
  }

  /** What an agent that ran before has left running stops in time too, although nobody answers any more (S14). */
  #expectEnd({ keptUntilBootMs, stops, terms }: Held): void {
    if (keptUntilBootMs === null || keptUntilBootMs === NO_DEADLINE_BOOT_MS || !stops) return;
    this.#times = { ...timesBefore(keptUntilBootMs, terms), sentBootMs: null };
    // Is it due already, one renewal is tried first: the keeper sees to the end.
    if (!this.#isPast(this.#times.stopBootMs)) this.#watchOver();
  }

  async #renewAlways(stretch: Stretch): Promise<void> {
    let isBehind = false;
    while (this.#stretch === stretch && this.#held !== null) {
      // Read anew each time: the configuration may have changed.
      const held = this.#held;
      this.#sent += 1;
      const sent = { number: this.#sent, bootMs: this.#deps.clock.bootMs() };
      // First: a prober may pass it on, so it belongs to what may be in the store.
      const renewal = this.#renewalOf(held, sent.bootMs);
      const whom = this.#isCutOff && held.asksPeers ? this.#asked.whom(held.terms) : null;
      const answer = await (whom === null ? this.#renew(renewal, stretch) : this.#claim(renewal, whom, stretch));
      if (this.#stretch !== stretch) return;
      if (answer.kind === 'over') return this.#stop(answer.reason);
      const wasBehind = isBehind;
      isBehind = answer.kind === 'behind';
      if (answer.kind === 'renewed' || answer.kind === 'agreed')
        await this.#take({ held, renewal, answer }, sent, stretch);
      else if (answer.kind === 'behind') this.#asked.behind(answer.version);
      // S11: with `regranted` the order to adopt what runs comes after its grant. Until then the deadline of the last renewal stands.
      else this.#watchOver();
      const isFirstCut = answer.kind === 'silent' && !this.#isCutOff && held.asksPeers && this.#times !== null;
      if (answer.kind === 'silent') this.#isCutOff = true;
      else if (answer.kind === 'renewed' || answer.kind === 'regranted') this.#isCutOff = false;
      const isSoon = isFirstCut || (isBehind && !wasBehind);
      if (this.#stretch === stretch && !isSoon) await this.#pause(renewEveryMs(held.terms));
    }
  }

  #renewalOf({ epoch, terms, enforced, stops, asksPeers }: Held, sentBootMs: number): Renewal {
    const { service, node, agentRun, bootId } = this.#deps;
    // After the lease was made shorter the keeper has a later deadline for a while: whoever waits for this one must not trust it
    // (S16).
    const isCovered = this.#mayLastBootMs <= leaseTimes(sentBootMs, terms).deadBootMs;
    const armed = stops && enforced !== 'none' && isCovered;
    const { asked, seen } = this.#asked.next;
    const said = { terms, asked: asksPeers ? asked : [] };
    this.#asked.sent(said);
    const sender = { service, node, epoch, agentRun, bootId, sentBootMs };
    return { ...terms, ...sender, armed, enforced, asked: said.asked, seen };
  }

  /** `silent`: nobody answers, and the deadline of the last renewal stands. */
  #renew(renewal: Renewal, stretch: Stretch): Promise<Answered> {
    return this.#call(renewal, stretch, (signal) => this.#deps.link.renew(renewal, { signal }));
  }

  #claim(renewal: Renewal, whom: readonly string[], stretch: Stretch): Promise<Answered> {
    const { link, logger, service } = this.#deps;
    return this.#call(renewal, stretch, async (signal) => {
      const outcome = weighClaim(await link.claim(renewal, { signal }), whom);
      if (outcome.kind === 'refused') logger.warn({ service, reason: outcome.reason }, 'not everybody agrees');
      if (outcome.kind === 'agreed') logger.warn({ service, peers: whom }, 'no store; the probers agree that it stays');
      return outcome;
    });
  }

  async #call<T>(
    { periodMs, stopTimeoutMs, marginMs }: Renewal,
    { over }: Stretch,
    ask: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | Silent> {
    const call = new AbortController();
    const everyMs = renewEveryMs({ periodMs, stopTimeoutMs, marginMs });
    const deadline = this.#deps.clock.timer(everyMs, () => call.abort());
    try {
      return await ask(AbortSignal.any([call.signal, over.signal]));
    } catch {
      return { kind: 'silent' };
    } finally {
      deadline.stop();
    }
  }

  /** An answer that comes after the time for a stop is too late to rest anything on (S14). */
  async #take({ held, renewal, answer }: Taken, sent: Sent, stretch: Stretch): Promise<void> {
    const isRenewed = answer.kind === 'renewed';
    if (isRenewed) this.#asked.granted({ terms: held.terms, asked: renewal.asked }, answer);
    const times = leaseTimes(sent.bootMs, held.terms);
    if (this.#isPast(times.stopBootMs) || !(await this.#arm(held, times, stretch)) || this.#stretch !== stretch) return;
    if (this.#isPast(times.stopBootMs)) return;
    this.#times = { ...times, sentBootMs: sent.bootMs };
    this.#watchOver();
    this.#deps.onRenewed();
    // S37: while the store is away nothing is started, whoever agrees.
    if (!isRenewed) return;
    const [granted, waiting] = partition(this.#fresh, ({ after }) => after < sent.number);
    this.#fresh = waiting;
    for (const { resolve } of granted) resolve(true);
  }

  async #arm({ epoch, stops, isKept, terms }: Held, { deadBootMs }: LeaseTimes, { over }: Stretch): Promise<boolean> {
    if (!isKept) return true;
    const { service, keeper, clock } = this.#deps;
    const deadlineBootMs = stops ? deadBootMs : NO_DEADLINE_BOOT_MS;
    const call = new AbortController();
    const deadline = clock.timer(renewEveryMs(terms), () => call.abort());
    // A call that fails may have been heard.
    this.#mayLastBootMs = Math.max(this.#mayLastBootMs, deadlineBootMs);
    try {
      const signal = AbortSignal.any([call.signal, over.signal]);
      const isArmed = await keeper.arm({ service, epoch, deadlineBootMs }, { signal });
      if (isArmed) this.#mayLastBootMs = deadlineBootMs;
      return isArmed;
    } catch {
      return false;
    } finally {
      deadline.stop();
    }
  }

  #watchOver(): void {
    this.#watch?.stop();
    const stretch = this.#stretch;
    if (this.#held?.stops !== true) return;
    const look = () => {
      if (this.#stretch !== stretch || this.#times === null) return;
      const leftMs = this.#times.stopBootMs - this.#deps.clock.bootMs();
      if (leftMs <= 0) return this.#stop('its lease was not renewed in time');
      this.#watch = this.#deps.clock.timer(Math.min(leftMs, LOOK_MS), look);
    };
    look();
  }

  #stop(reason: string): void {
    this.release();
    this.#deps.onStop(reason);
  }

  #isPast(bootMs: number): boolean {
    return this.#deps.clock.bootMs() >= bootMs;
  }

  /** Until the next renewal is due, or somebody waits for one. */
  #pause(ms: number): Promise<void> {
    if (this.#fresh.length > 0) return this.#sleep(Math.min(ms, LOOK_MS));
    return this.#sleep(ms);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#deps.clock.timer(ms, () => resolve());
      this.#wake = () => {
        timer.stop();
        resolve();
      };
    });
  }
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}
