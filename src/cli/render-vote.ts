// One prober's vote in a line.
import type { VoteEvidence } from '../failover/view.ts';

export function renderVote({ prober, verdict, reason }: VoteEvidence): string {
  return `${prober} says ${verdict} (${reason})`;
}
