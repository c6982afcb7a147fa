// Pairs of phase and fault that no run can meet, each with its reason: the table of the simulation has no other empty cell.
import { PHASES } from '../../src/failover/phase-table.ts';
import type { FaultKind } from './fault-kinds.ts';

export const PHASE_NAMES: readonly string[] = ['none', ...Object.keys(PHASES)];

const PASSED_AT_ONCE: Readonly<Record<string, string>> = {
  PLAN: 'begins and ends within one commit',
  GRANT: 'begins and ends within one commit, together with the START INTENT',
  TARGET_FAILED: 'begins and ends within one commit',
  POST: 'begins and ends within one commit',
};

export function whyUnreachable(phase: string, _fault: FaultKind): string | null {
  return PASSED_AT_ONCE[phase] ?? null;
}
