// The end of a fence test in front of people: what each level said before and after it was fired, and what its command printed.
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import { table } from './console.ts';

export function renderFired({ op, outcome, summary }: HistoryEntry, journal: readonly JournalEntry[]): string {
  const rows = op.findings.map(({ what, ok, reason }) => [`  ${ok ? 'good' : 'BAD'}`, what, reason]);
  const evidence = journal.flatMap((entry) => outputOf(entry));
  return [`Fence test of ${op.rules.id}/${op.from} ${outcome}: ${summary}`, table(rows), ...evidence].join('\n');
}

/** A RESULT of a fence holds the exit code and the last output of its command and of its query. */
function outputOf({ kind, text, evidence }: JournalEntry): readonly string[] {
  const { output, step } = evidence;
  if (kind !== 'RESULT' || typeof output !== 'string' || step === undefined) return [];
  const lines = output.trimEnd().split('\n');
  return [`Evidence of step ${step}, ${text}`, ...lines.map((line) => `    ${line}`)];
}
