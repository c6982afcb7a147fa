// When which prober had no right to act: from the time at which its last session must have ended, because it was cut off from
// every other prober or too few members of etcd ran, until that was over.
import { PROBERS, type ProberName } from './hosts.ts';
import { TIMING } from './net-config.ts';
import type { NetworkState, Records } from './read-records.ts';

export type MinorityTime = {
  readonly prober: ProberName;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Nobody had a majority. */
  readonly isOutage: boolean;
};

/** The session, its margin, the time to end a script, and a little for a busy machine. */
const RIGHT_MS = TIMING.sessionTtlMs + TIMING.marginMs + TIMING.killTimeMs + 500;
const PERCENT_ALL = 100;

export function minorityTimes({ network, storeDown, endMs }: Records): readonly MinorityTime[] {
  const outages = storeDown.flatMap(([fromMs, untilMs]) =>
    PROBERS.map((prober) => ({ prober, fromMs: fromMs + RIGHT_MS, untilMs, isOutage: true })),
  );
  return [...outages, ...PROBERS.flatMap((prober) => timesOf(prober, network, endMs))];
}

function timesOf(prober: ProberName, network: readonly NetworkState[], endMs: number): readonly MinorityTime[] {
  const times: MinorityTime[] = [];
  let sinceMs: number | null = null;
  for (const state of network) {
    const isAlone = peersOf(prober, state) === 0;
    if (isAlone) sinceMs ??= state.fromMs;
    else if (sinceMs !== null) {
      times.push({ prober, fromMs: sinceMs + RIGHT_MS, untilMs: state.fromMs, isOutage: false });
      sinceMs = null;
    }
  }
  if (sinceMs !== null) times.push({ prober, fromMs: sinceMs + RIGHT_MS, untilMs: endMs, isOutage: false });
  return times;
}

/** Other probers with which it can exchange anything, there and back: with one of them it is a majority. */
function peersOf(prober: ProberName, { losses }: NetworkState): number {
  const isCut = (from: string, to: string) => (losses.get(`main:${from}>${to}`) ?? 0) >= PERCENT_ALL;
  return PROBERS.filter((other) => other !== prober && !isCut(prober, other) && !isCut(other, prober)).length;
}
