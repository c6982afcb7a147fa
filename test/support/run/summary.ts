// The end of a run: a table of the suites and one plain line that people and programs read.
import { formatDuration } from '../../../src/base/duration.ts';
import type { SuiteResult } from './run-suite.ts';

const FAILURES_MAX = 20;
const REASON_MAX_CHARS = 600;

export function formatSummary(results: readonly SuiteResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  const rows = results.map(({ name, passed, failed, skipped, durationMs }) => {
    const counts = passed + failed + skipped === 0 ? 'no tests' : `${passed} passed, ${failed} failed${also(skipped)}`;
    return `${failed > 0 ? 'FAILED' : 'ok    '}  ${name.padEnd(width)}  ${formatDuration(durationMs).padStart(7)}  ${counts}`;
  });
  return rows.join('\n');
}

/** What each test that failed says of itself, shortened, so that the end of a long output tells it; empty when none did. */
export function formatFailures(results: readonly SuiteResult[]): string {
  const lines = results.flatMap(({ name, failures }) =>
    failures.map(({ file, test, reason }) => `FAILED  ${name}  ${file}: ${test}: ${shortened(reason)}`),
  );
  const more = lines.length > FAILURES_MAX ? [`and ${lines.length - FAILURES_MAX} more`] : [];
  return [...lines.slice(0, FAILURES_MAX), ...more].join('\n');
}

/** `123 passed, 0 failed`. A run in which nothing passed is a failed one: it has looked at nothing. */
export function formatLastLine(results: readonly SuiteResult[]): string {
  const sum = (pick: (result: SuiteResult) => number) => results.reduce((total, result) => total + pick(result), 0);
  return `${sum(({ passed }) => passed)} passed, ${sum(({ failed }) => failed)} failed`;
}

export function isGood(results: readonly SuiteResult[]): boolean {
  return results.some(({ passed }) => passed > 0) && results.every(({ failed }) => failed === 0);
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > REASON_MAX_CHARS ? `${line.slice(0, REASON_MAX_CHARS)} ...` : line;
}

function also(skipped: number): string {
  return skipped === 0 ? '' : `, ${skipped} skipped`;
}
