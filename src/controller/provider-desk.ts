// Every call of a controller to somebody else's provider goes over this desk: it has a deadline, it is counted against the
// budget of the account, and what the provider asks to wait is waited by everybody who shares the account. The desk tries
// nothing again: that is the machine's, whose pauses grow.

import { OneupError } from '../base/oneup-error.ts';
import type { ExternalProviderConfig } from '../config/provider-config.ts';
import { type CallPriority, isCountedOnly } from '../plan/call-budget.ts';
import type { ApplyResult, DnsProvider, ProviderErrorCode } from '../ports/dns-provider.ts';
import { AccountBudget } from './account-budget.ts';
import { blocksAccount, callCost, REFUSAL_COST } from './call-cost.ts';
import { CallCounters, type CallKind } from './call-counters.ts';
import type { ControllerDeps, Tenure } from './controller-deps.ts';
import { termGuards } from './term-guards.ts';
import { WriteTurns } from './write-turns.ts';

/** Longer than a write may take as a whole; what looks has no deadline of its own. */
const CALL_TIMEOUT_MS = 15_000;
/** What only looks waits a moment for its calls, and so does a write that has read its record; the read itself is put off at once. */
const LOOK_WAIT_MAX_MS = 2_000;
/** The longest block that a provider is known for is 5 minutes; a number far above it must not keep DNS wrong for a day. */
const HOLD_MAX_MS = 600_000;
/** Between two writes to a server of one's own that asks to slow down. */
const SPACING_MS = 500;

/** `looksHeldUntilMonoMs`: for all that is no failover and no rollback. */
type Account = { readonly budget: AccountBudget | null; heldUntilMonoMs: number; looksHeldUntilMonoMs: number };
type Refused = { readonly code: ProviderErrorCode; readonly reason: string; readonly retryAfterMs: number };

type Call = {
  readonly config: ExternalProviderConfig;
  readonly account: Account;
  readonly kind: CallKind;
  readonly priority: CallPriority;
  readonly signal: AbortSignal;
};

/** Of one term: the next one reads the budgets from the store. */
export class ProviderDesk {
  readonly #deps: ControllerDeps;
  readonly #tenure: Tenure;
  readonly #accounts = new Map<string, Account>();
  readonly #turns = new Map<string, WriteTurns>();
  readonly #counters: CallCounters;

  constructor(deps: ControllerDeps, tenure: Tenure) {
    this.#deps = deps;
    this.#tenure = tenure;
    this.#counters = new CallCounters(deps, (provider) => this.#levelOf(provider));
  }

  /** The zone that oneup serves itself is the store: nobody counts there. */
  readonly provider = (name: string, priority: CallPriority = 'look'): DnsProvider => {
    const inner = this.#deps.ports.provider(name);
    const config = this.#external(name);
    return config === null ? inner : this.#over(inner, config, priority);
  };

  /** Null where writes need no turns. */
  turnsAt(name: string): WriteTurns | null {
    if (this.#external(name) === null) return null;
    const turns = this.#turns.get(name) ?? new WriteTurns(this.#deps.clock);
    this.#turns.set(name, turns);
    return turns;
  }

  end(): void {
    this.#counters.end();
    for (const turns of this.#turns.values()) turns.clear();
  }

  #external(name: string): ExternalProviderConfig | null {
    const found = this.#deps.config.providers.find((provider) => provider.name === name);
    return found === undefined || found.kind === 'builtin' ? null : found;
  }

  #levelOf(name: string): number | null {
    const config = this.#external(name);
    return config === null ? null : (this.#accounts.get(config.account)?.budget?.level ?? null);
  }

  #account({ account, budget }: ExternalProviderConfig): Account {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const { keys, config } = this.#deps;
    const options = {
      deps: this.#deps,
      key: keys.budget(account),
      rho: config.cluster.timing.rho,
      guards: () => termGuards(keys, this.#tenure),
    };
    const opened: Account = {
      budget: budget === null ? null : new AccountBudget({ ...options, budget }),
      heldUntilMonoMs: 0,
      looksHeldUntilMonoMs: 0,
    };
    this.#accounts.set(account, opened);
    return opened;
  }

  #over(inner: DnsProvider, config: ExternalProviderConfig, priority: CallPriority): DnsProvider {
    const account = this.#account(config);
    const call = (kind: CallKind, signal: AbortSignal): Call => ({ config, account, kind, priority, signal });
    return {
      ...inner,
      list: (zone, options) =>
        this.#ask(call('list', options.signal), (signal) => inner.list(zone, { ...options, signal })),
      confirm: (changeId, options) =>
        this.#ask(call('confirm', options.signal), (signal) => inner.confirm(changeId, { ...options, signal })),
      apply: (zone, changes, options) =>
        this.#apply(call('apply', options.signal), (signal) => inner.apply(zone, changes, { ...options, signal })),
    };
  }

  async #ask<T>(call: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const refused = await this.#refuse(call);
    if (refused !== null) throw new OneupError(refused.code, refused.reason, { retryAfterMs: refused.retryAfterMs });
    try {
      const answer = await this.#bounded(call, run);
      this.#counters.note(call.config.name, call.kind, 'done');
      return answer;
    } catch (error) {
      const isKnown = error instanceof OneupError;
      this.#noteFailure(call, isKnown ? error.code : null, isKnown ? error.retryAfterMs : null);
      throw error;
    }
  }

  async #apply(call: Call, run: (signal: AbortSignal) => Promise<ApplyResult>): Promise<ApplyResult> {
    const refused = await this.#refuse(call);
    // Nothing was sent.
    if (refused !== null) return { kind: 'failed', applied: 'none', retryable: true, ...refused };
    const result = await this.#bounded(call, run).catch((error: unknown) => {
      this.#noteFailure(call, null, null);
      throw error;
    });
    if (result.kind === 'failed') this.#noteFailure(call, result.code, result.retryAfterMs);
    else this.#counters.note(call.config.name, call.kind, result.kind === 'applied' ? 'done' : 'conflict');
    if (result.kind === 'conflict') call.account.budget?.count(REFUSAL_COST);
    return result;
  }

  /** Null: it may be made, and is counted. */
  async #refuse({ config, account, kind, priority, signal }: Call): Promise<Refused | null> {
    const { clock } = this.#deps;
    const beganAtMonoMs = clock.monotonicMs();
    const { heldUntilMonoMs, looksHeldUntilMonoMs } = account;
    const untilMonoMs = isCountedOnly(priority) ? heldUntilMonoMs : Math.max(heldUntilMonoMs, looksHeldUntilMonoMs);
    const heldMs = untilMonoMs - beganAtMonoMs;
    if (heldMs > 0) {
      this.#counters.note(config.name, kind, 'putOff');
      const reason = `Provider ${config.name} has asked to be left alone, and is`;
      return { code: 'ONEUP_PROVIDER_THROTTLED', reason, retryAfterMs: heldMs };
    }
    if (account.budget === null) return null;
    const cost = callCost(config.kind, kind);
    if (cost === 0) return null;
    if (isCountedOnly(priority)) {
      account.budget.count(cost);
      return null;
    }
    // The read before a write has just taken its call. Where an account earns few in a moment, a write that gives way at once
    // would read, give way, and read again for ever.
    const maxWaitMs = priority === 'look' || kind === 'apply' ? LOOK_WAIT_MAX_MS : 0;
    const waitMs = await account.budget.take(cost, { maxWaitMs, signal });
    this.#counters.noteWait(config.name, clock.monotonicMs() - beganAtMonoMs);
    // The caller looked before the wait, and the call is an effect of now (S8).
    const isInTerm = this.#tenure.mayAct() && !signal.aborted;
    if (waitMs === 0 && isInTerm) return null;
    this.#counters.note(config.name, kind, 'putOff');
    const reason = isInTerm
      ? `The calls of account ${config.account} that are left are kept for failovers`
      : `The right to act ended while a call waited for the budget of account ${config.account}`;
    return { code: 'ONEUP_PROVIDER_BUDGET', reason, retryAfterMs: waitMs };
  }

  #noteFailure({ config, account, kind, priority }: Call, code: string | null, retryAfterMs: number | null): void {
    const isThrottled = code === 'ONEUP_PROVIDER_THROTTLED';
    this.#counters.note(config.name, kind, isThrottled ? 'throttled' : 'failed');
    if (!isThrottled) return;
    if (retryAfterMs === null) return this.turnsAt(config.name)?.slowDown(spacingMs(config));
    const untilMonoMs = this.#deps.clock.monotonicMs() + Math.min(retryAfterMs, HOLD_MAX_MS);
    // A look that was too much holds no failover back, unless the provider refuses the account as a whole.
    const holdsAll = isCountedOnly(priority) || blocksAccount(config.kind);
    if (holdsAll) account.heldUntilMonoMs = Math.max(account.heldUntilMonoMs, untilMonoMs);
    else account.looksHeldUntilMonoMs = Math.max(account.looksHeldUntilMonoMs, untilMonoMs);
  }

  /** A provider that does not look at its signal is left behind; what it may have written is settled by the next write (S26). */
  async #bounded<T>({ config, signal }: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const reason = `Provider ${config.name} did not answer within ${CALL_TIMEOUT_MS} ms`;
    const late = new OneupError('ONEUP_PROVIDER_UNREACHABLE', reason);
    const timer = this.#deps.clock.timer(CALL_TIMEOUT_MS, () => deadline.abort(late));
    const both = AbortSignal.any([signal, this.#tenure.signal, deadline.signal]);
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    const end = () => ended.reject(both.reason instanceof Error ? both.reason : late);
    if (both.aborted) end();
    both.addEventListener('abort', end, { once: true });
    try {
      return await Promise.race([run(both), ended.promise]);
    } finally {
      timer.stop();
      // Node keeps a combined signal that is listened to until one of its sources aborts: here until the term ends.
      both.removeEventListener('abort', end);
    }
  }
}

/** A write is two or three calls; so far apart they stay within what the provider allows in the long run. */
function spacingMs({ budget, kind }: ExternalProviderConfig): number {
  if (budget === null) return SPACING_MS;
  return ((callCost(kind, 'list') + callCost(kind, 'apply')) * budget.perMs) / budget.calls;
}
