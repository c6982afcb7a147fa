// The results for people: one line for each check while it runs, and a last line that counts them.
import { formatDuration } from '../../src/base/duration.ts';
import type { CheckResult } from './verify-variant.ts';

export function formatCheck(result: CheckResult): string {
  const { property, nodes, mutation, rule, outcome, expected, isGood, reason, counterexample } = result;
  const what = mutation === null ? `${nodes}: ${property}` : `${nodes}: ${property} without ${rule} (${mutation})`;
  const cost = `${result.states} states, depth ${result.depth}, ${formatDuration(result.durationMs)}`;
  const line = `${isGood ? 'ok    ' : 'FAILED'}  ${what.padEnd(50)}  ${outcome.padEnd(10)}  ${cost}`;
  if (isGood) return line;
  const why = `expected: ${expected}${reason === null ? '' : `; the verifier says: ${reason}`}`;
  return [line, `        ${why}`, ...(counterexample === null ? [] : [counterexample])].join('\n');
}

export function formatCount(results: readonly CheckResult[]): string {
  const good = results.filter(({ isGood }) => isGood);
  const caught = good.filter(({ expected }) => expected === 'violated').length;
  return `${good.length - caught} properties hold, ${caught} mutations are caught, ${results.length - good.length} failed`;
}
