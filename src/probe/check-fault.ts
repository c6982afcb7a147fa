// What a talk with a server ends with when it does not pass: the node's failure, or ours because we could not look (S22).
import type { CheckPhase, Reach } from '../health/probe-result.ts';

export class CheckFault extends Error {
  readonly verdict: 'fail' | 'error';
  readonly reach: Reach;
  /** Phase to blame; null: the one under way. */
  readonly phase: CheckPhase | null;

  constructor(
    verdict: 'fail' | 'error',
    message: string,
    { reach = 'reached', phase = null }: { readonly reach?: Reach; readonly phase?: CheckPhase | null } = {},
  ) {
    super(message);
    this.name = 'CheckFault';
    this.verdict = verdict;
    this.reach = reach;
    this.phase = phase;
  }
}
