// Every boundary of the journal around the write of a cutover, from the end of the phase before it to the end of the operation.
import type { Boundary } from './fault-point.ts';

/** The commit that says that the write was applied ends its phase. */
export const RESULT_OF_WRITE: Boundary = { kind: 'phaseEnd', phase: 'CUTOVER' };

export const CUTOVER_BOUNDARIES: readonly Boundary[] = [
  { kind: 'phaseEnd', phase: 'VERIFY_NEW' },
  { kind: 'effect', phase: 'CUTOVER', when: 'before' },
  { kind: 'effect', phase: 'CUTOVER', when: 'after' },
  RESULT_OF_WRITE,
  { kind: 'effect', phase: 'PROPAGATE', when: 'before' },
  { kind: 'effect', phase: 'PROPAGATE', when: 'after' },
  { kind: 'phaseEnd', phase: 'PROPAGATE' },
  { kind: 'phaseEnd', phase: 'POST' },
];

export function boundaryText(at: Boundary): string {
  if (at.kind === 'effect') return `${at.when} the effect of ${at.phase}`;
  return at.kind === 'phaseEnd' ? `at the end of ${at.phase}` : `after commit ${at.count}`;
}
