// What a prober says of a node, made from the last report of its watch, and when it must be said again (S22, S23).
import type { Observation } from '../health/observation.ts';
import type { NodeReport } from './node-watch.ts';

export type Sayer = {
  readonly vantage: string;
  /** It reaches none of its references, so what it sees is no verdict (S22). */
  readonly abstains: boolean;
  readonly wallMs: number;
};

export function observationOf(report: NodeReport, { vantage, abstains, wallMs }: Sayer): Observation {
  const { health, answering, stamp } = report;
  const reason = health.last?.reason ?? 'not looked yet';
  return {
    verdict: abstains ? 'unknown' : health.verdict,
    answering,
    reach: abstains ? 'unknown' : health.reach,
    reason: abstains ? `abstains, no reference answers; saw: ${reason}` : reason,
    ...(health.last?.phase ? { phase: health.last.phase } : {}),
    phases: health.last?.phases ?? {},
    streak: health.streak?.count ?? 0,
    checkedWallMs: wallMs,
    vantage,
    stamp,
  };
}

/** S23: written on change. Times and phase durations alone are no change. */
export function isChanged(before: string | undefined, after: Observation): boolean {
  if (before === undefined) return true;
  const old = JSON.parse(before) as Observation;
  return (
    old.verdict !== after.verdict ||
    old.answering !== after.answering ||
    old.reach !== after.reach ||
    old.stamp?.opId !== after.stamp?.opId ||
    old.stamp?.epoch !== after.stamp?.epoch
  );
}
