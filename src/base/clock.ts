// Three clocks that are never mixed (S1, S2), and the timers that go with them. Pure rooms get numbers, not a Clock.

export type Clock = {
  /** Monotonic milliseconds that may stand still while the machine is suspended. For waiters (S2). */
  readonly monotonicMs: () => number;
  /** Monotonic milliseconds that count suspension (CLOCK_BOOTTIME). For holders of leases and deadlines (S2). */
  readonly bootMs: () => number;
  /** Milliseconds since the Unix epoch. For records shown to people; never compared between machines (S1). */
  readonly wallMs: () => number;
  /** Resolves after `ms`, or rejects with the signal's reason as soon as it aborts. */
  readonly sleep: (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>;
  /** Calls `fire` once after `ms` unless stopped. `fire` must not throw. Does not keep the process alive. */
  readonly timer: (ms: number, fire: () => void) => Timer;
};

export type Timer = { readonly stop: () => void };

/** What a pure room is told about time: monotonic for durations, wall for what people read. */
export type Now = { readonly monoMs: number; readonly wallMs: number };
