// Results of steps that an agent does itself, without a script whose end would say more.
import type { ActionResult } from '../ports/node-driver.ts';

const NONE = { exitCode: null, signal: null, output: '', durationMs: 0 } as const;

export function stepResult(kind: ActionResult['kind'], reason: string): ActionResult {
  return { kind, reason, evidence: NONE, repeated: false };
}
