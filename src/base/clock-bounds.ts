// The arithmetic of S2: how long a waiter waits so that a holder's period has certainly ended on its own clock.

export type ClockBounds = {
  /** rho: greatest deviation of a clock's rate from true time, as a fraction (0.01 is one percent). */
  readonly rho: number;
  /** m: margin added to every wait, in milliseconds. */
  readonly marginMs: number;
};

/** Length of a wait that outlasts a period of `periodMs` measured by someone else's clock: T(1 + rho)/(1 - rho) + m. */
export function waitForPeriodMs(periodMs: number, { rho, marginMs }: ClockBounds): number {
  return Math.ceil((periodMs * (1 + rho)) / (1 - rho) + marginMs);
}
