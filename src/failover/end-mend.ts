// The end of a repair that a person asked for is a line of the history, with who asked and why, whichever controller wrote it.
import { operationNamed } from './create-operation.ts';
import type { Outcome } from './operation.ts';
import { patchService, type Transition } from './transition.ts';

/** The write has ended, so the repair has: whatever comes later is not what the person was shown. */
export function endMend(t: Transition, outcome: Outcome, summary: string): void {
  const { mends, ...dns } = t.state.service.dns;
  if (mends === undefined) return;
  const { actor, reason } = mends;
  const wanted = { kind: 'mend', from: null, to: null, actor, reason, evidence: {}, rules: ['S27'] } as const;
  t.history.push({
    op: { ...operationNamed(t, wanted, mends), phase: 'DONE' },
    ...{ outcome, summary, endedWallMs: t.now.wallMs },
  });
  patchService(t, { dns });
}
