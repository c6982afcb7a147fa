// How one prober's vote reads in a line, the same in every command that shows votes.
import type { VoteEvidence } from '../failover/view.ts';

export function renderVote({ prober, verdict, reason }: VoteEvidence): string {
  return `${prober} says ${verdict} (${reason})`;
}
