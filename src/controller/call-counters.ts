// What a controller has asked of each provider in its term, and what came of it: numbers for `status`, told to every prober in
// a record that goes with the controller's session.

import { z } from 'zod';
import type { Timer } from '../base/clock.ts';
import type { ControllerDeps } from './controller-deps.ts';

export type CallKind = 'list' | 'apply' | 'confirm';
/** `putOff`: not made, because of the budget or because the provider asked to be left alone. */
export type CallOutcome = 'done' | 'conflict' | 'failed' | 'throttled' | 'putOff';

const count = z.int().min(0);
const outcomesSchema = z.strictObject({
  done: count,
  conflict: count,
  failed: count,
  throttled: count,
  putOff: count,
});
const providerCallsSchema = z.strictObject({
  provider: z.string(),
  calls: z.strictObject({ list: outcomesSchema, apply: outcomesSchema, confirm: outcomesSchema }),
  /** Time that calls have waited for the budget. */
  waitedMs: count,
  /** Calls that the account has left, those that are kept for failovers included; null: not limited, or not asked yet. */
  callsLeft: z.int().nullable(),
});
export type ProviderCalls = z.infer<typeof providerCallsSchema>;
export const callsRecordSchema = z.array(providerCallsSchema);

/** Numbers change with every call; the store hears of them at most this often. */
const TELL_EVERY_MS = 1_000;
const NONE = { done: 0, conflict: 0, failed: 0, throttled: 0, putOff: 0 } as const;

type Counted = Omit<ProviderCalls, 'callsLeft'>;

/** Of one term. */
export class CallCounters {
  readonly #deps: Pick<ControllerDeps, 'id' | 'keys' | 'clock' | 'report'>;
  readonly #levelOf: (provider: string) => number | null;
  readonly #counted = new Map<string, Counted>();
  #timer: Timer | null = null;
  #hasEnded = false;

  constructor(
    deps: Pick<ControllerDeps, 'id' | 'keys' | 'clock' | 'report'>,
    levelOf: (provider: string) => number | null,
  ) {
    this.#deps = deps;
    this.#levelOf = levelOf;
  }

  note(provider: string, kind: CallKind, outcome: CallOutcome): void {
    const { calls, waitedMs } = this.#of(provider);
    const outcomes = { ...calls[kind], [outcome]: calls[kind][outcome] + 1 };
    this.#set({ provider, calls: { ...calls, [kind]: outcomes }, waitedMs });
  }

  noteWait(provider: string, ms: number): void {
    const counted = this.#of(provider);
    this.#set({ ...counted, waitedMs: counted.waitedMs + Math.round(ms) });
  }

  /** The next controller counts its own. */
  end(): void {
    this.#hasEnded = true;
    this.#timer?.stop();
    if (this.#counted.size > 0) this.#deps.report(this.#deps.keys.providerCalls(this.#deps.id), null);
  }

  #of(provider: string): Counted {
    return this.#counted.get(provider) ?? { provider, calls: { list: NONE, apply: NONE, confirm: NONE }, waitedMs: 0 };
  }

  #set(counted: Counted): void {
    if (this.#hasEnded) return;
    this.#counted.set(counted.provider, counted);
    this.#timer ??= this.#deps.clock.timer(TELL_EVERY_MS, () => {
      this.#timer = null;
      const told = [...this.#counted.values()].map((entry) => ({ ...entry, callsLeft: this.#levelOf(entry.provider) }));
      this.#deps.report(this.#deps.keys.providerCalls(this.#deps.id), JSON.stringify(told));
    });
  }
}
