// How one prober's vote reads in a line, the same in every command that shows votes.
import type { VoteEvidence } from '../failover/view.ts';

type Limits = { readonly rise: number; readonly fall: number };

/** A vote changes after several checks in a row, so the last one may have gone against it already. */
export function renderVote({ prober, verdict, reason, against = 0 }: VoteEvidence, limits?: Limits): string {
  if (against === 0 || (verdict !== 'up' && verdict !== 'down')) return `${prober} says ${verdict} (${reason})`;
  const name = verdict === 'up' ? 'fall' : 'rise';
  const counted = limits === undefined ? `${against} in a row` : `${against} of ${name} ${limits[name]}`;
  const went = verdict === 'up' ? `its last check failed, ${counted}` : `passed ${counted}`;
  return `${prober} still says ${verdict} (${went}: ${reason})`;
}
