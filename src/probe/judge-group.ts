// What several results mean together. A part that could not look may have passed or failed: the group says pass or fail only
// where that makes no difference, and error otherwise, so that an error never counts as down (S22). Pure.
//
//   passes >= n                       pass
//   passes + errors < n               fail   (even if every error were a pass it would not be enough)
//   otherwise                         error
//
// `all` is n = number of parts: one fail fails. `any` is n = 1: it fails only when every part failed.
import type { CheckPhase, PhaseTimes, ProbeResult, Reach } from '../health/probe-result.ts';

/** `null` is a part that is still running. */
type Parts = readonly (ProbeResult | null)[];

const REASONS_CHARS = 400;

/** `pending` while what is still running can change the answer. */
export function judgeGroup(parts: Parts, atLeast: number): ProbeResult['kind'] | 'pending' {
  const count = (kind: ProbeResult['kind']) => parts.filter((part) => part?.kind === kind).length;
  const passes = count('pass');
  const open = parts.filter((part) => part === null).length;
  if (passes >= atLeast) return 'pass';
  if (passes + count('error') + open < atLeast) return 'fail';
  return open > 0 ? 'pending' : 'error';
}

/** The result of a group that is decided. Each phase takes as long as in the part where it took longest. */
export function mergeGroup(parts: Parts, atLeast: number): ProbeResult {
  const kind = judgeGroup(parts, atLeast);
  const done = parts.filter((part) => part !== null);
  const phases = longestPhases(done);
  const passes = done.filter((part) => part.kind === 'pass').length;
  const counted = `${passes} of ${parts.length} passed`;
  if (kind === 'pass') return { kind, phases, detail: counted };
  const reasons = done.flatMap((part) => (part.kind === 'pass' ? [] : [part.reason])).join('; ');
  const reason = `${counted}, expected at least ${atLeast}: ${reasons.slice(0, REASONS_CHARS)}`;
  if (kind !== 'fail') return { kind: 'error', phases, reason };
  const first = done.find((part) => part.kind === 'fail');
  return { kind, phases, phase: first?.phase ?? 'run', reason, reach: mergeReach(parts) };
}

/** One answer of the host is enough; silence counts only where every part heard nothing. */
function mergeReach(parts: Parts): Reach {
  const reaches = parts.map((part): Reach => {
    if (part?.kind === 'pass') return 'reached';
    return part?.kind === 'fail' ? part.reach : 'unknown';
  });
  if (reaches.includes('reached')) return 'reached';
  return reaches.includes('unknown') ? 'unknown' : 'unreached';
}

function longestPhases(parts: readonly ProbeResult[]): PhaseTimes {
  const longest: { -readonly [phase in CheckPhase]?: number } = {};
  for (const { phases } of parts) {
    for (const [phase, tookMs] of Object.entries(phases) as [CheckPhase, number][]) {
      longest[phase] = Math.max(longest[phase] ?? 0, tookMs);
    }
  }
  return Object.freeze(longest);
}
