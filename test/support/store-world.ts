// What the conformance suite of stores needs from an engine: clients that are separate processes to each other, time that
// a test can let pass, and a way to make the engine forget its history.
import type { Clock } from '../../src/base/clock.ts';
import type { Store } from '../../src/ports/store.ts';

export type StoreClient = {
  readonly store: Store;
  readonly clock: Pick<Clock, 'bootMs' | 'monotonicMs'>;
  /** The process is gone without a word, as after `kill -9`. */
  readonly die: () => Promise<void>;
  /** The process is stopped (`SIGSTOP`): time passes for it, but it does nothing. */
  readonly setStopped: (stopped: boolean) => void;
  /** The machine of this client is suspended for `ms`; the others go on. */
  readonly suspend: (ms: number) => Promise<void>;
};

export type StoreWorld = AsyncDisposable & {
  /** One more client; `clockRate` is how fast its clock runs against true time, within WORLD_BOUNDS [1]. */
  readonly connect: (options?: { readonly clockRate?: number }) => Promise<StoreClient>;
  /** Lets `ms` of true time pass for everybody. */
  readonly pass: (ms: number) => Promise<void>;
  /** Lets everything arrive that waits for no clock. */
  readonly settle: () => Promise<void>;
  /** Makes the store unable to tell what changed up to now. */
  readonly forgetHistory: () => Promise<void>;
};

/** Bounds that every client of a world is opened with; the margin is small so that rho has to carry the proof. */
export const WORLD_BOUNDS = { rho: 0.05, marginMs: 30 } as const;
