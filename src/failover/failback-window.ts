// The time in which a service may go back to its preferred node by itself. A record, so that it outlives the controller that
// opened it: the next one would otherwise wait for the window after this.
import type { Now } from '../base/clock.ts';
import type { ServiceRecord } from './service-state.ts';
import { patchService, type Transition } from './transition.ts';

export function openFailbackWindow(t: Transition, openForMs: number): void {
  patchService(t, { failbackWindow: { untilWallMs: t.now.wallMs + openForMs, openForMs } });
}

/** A clock by which more of it is left than it ever had is wrong, and opens nothing. */
export function isFailbackWindowOpen({ failbackWindow }: ServiceRecord, { wallMs }: Now): boolean {
  if (failbackWindow === null) return false;
  const leftMs = failbackWindow.untilWallMs - wallMs;
  return leftMs > 0 && leftMs <= failbackWindow.openForMs;
}
