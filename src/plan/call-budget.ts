// How many calls an account of a DNS provider may still get: a token bucket, as plain numbers. Providers count calls in fixed
// windows whose beginning nobody tells, so the bucket holds half of what a window allows and refills the other half within one:
// in whatever window the provider counts, no more calls than it allows were let through.

export type CallBudget = {
  /** Calls that the provider allows the account in every `perMs`. */
  readonly calls: number;
  readonly perMs: number;
  /** Calls of the bucket that only failovers may use; less than half of `calls`, so that something is left for the rest. */
  readonly reserve: number;
};

/** The level at an instant of the monotonic clock of whoever holds the bucket; below zero: failovers took more than there was. */
export type CallBucket = { readonly level: number; readonly atMonoMs: number };

/**
 * Who gets a call first. A failover and a rollback never wait for the budget, they are only counted. `upkeep` keeps TTLs in
 * order and can be put off, `look` changes nothing.
 */
export type CallPriority = 'failover' | 'rollback' | 'upkeep' | 'look';
export const CALL_PRIORITIES: readonly CallPriority[] = ['failover', 'rollback', 'upkeep', 'look'];

export function isCountedOnly(priority: CallPriority): boolean {
  return priority === 'failover' || priority === 'rollback';
}

export function bucketCapacity({ calls }: CallBudget): number {
  return calls / 2;
}

/**
 * What a controller begins with. The record says how much was left when the one before wrote it down, on a clock that means
 * nothing here (S1), and says nothing of calls that were counted behind it. So the time between the two refills nothing, and
 * all above the reserve must be earned anew: for failovers there is the reserve, if it was there, and for the rest a pause.
 * A damaged record is worth no longer pause than the worst that `spend` writes down.
 */
export function takeOverBucket(budget: CallBudget, recorded: number | null, nowMonoMs: number): CallBucket {
  const level = Math.max(Math.min(recorded ?? budget.reserve, budget.reserve), -budget.calls);
  return { level, atMonoMs: nowMonoMs };
}

/** `rho` bounds the rate of the holder's clock (S1): time is counted as if it ran fast by that much. */
export function refill(
  { level, atMonoMs }: CallBucket,
  budget: CallBudget,
  { monoMs, rho }: { readonly monoMs: number; readonly rho: number },
): CallBucket {
  const earned = ((monoMs - atMonoMs) * (1 - rho) * bucketCapacity(budget)) / budget.perMs;
  return { level: Math.min(bucketCapacity(budget), level + earned), atMonoMs: monoMs };
}

/** Never refuses. What failovers owe is bounded by one window: the rest need not wait longer for what is long past. */
export function spend({ level, atMonoMs }: CallBucket, budget: CallBudget, cost: number): CallBucket {
  return { level: Math.max(level - cost, -budget.calls), atMonoMs };
}

/** How long the reserve would still be touched by `cost` calls; 0: they may be made now. `bucket` is refilled up to now. */
export function waitForCallsMs({ level }: CallBucket, budget: CallBudget, cost: number): number {
  const capacity = bucketCapacity(budget);
  const missing = Math.min(budget.reserve + cost, capacity) - level;
  // What is left of a sum of fractions is no call that is missing.
  return missing <= 1e-9 ? 0 : Math.ceil((missing * budget.perMs) / capacity);
}
