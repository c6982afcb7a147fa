// Picks from the journal of an operation what concerns one node: its steps and their results, what scripts printed, its votes.
import type { NodeId } from '../base/ids.ts';
import type { JournalEntry } from '../failover/machine-effect.ts';
import type { VoteEvidence } from '../failover/view.ts';

export type ScriptOutput = {
  /** What was done, such as `stop of a failed: exit code 3`. */
  readonly what: string;
  readonly exitCode: number | null;
  readonly output: string;
};

/** Entries that name the node as what they are about, in the order in which they were written. */
export function journalAbout(journal: readonly JournalEntry[], node: NodeId): readonly JournalEntry[] {
  const steps = new Set<unknown>(
    journal.filter(({ evidence }) => evidence.node === node).flatMap(({ evidence }) => evidence.step ?? []),
  );
  const name = node.replaceAll(/[^\w]/g, '\\$&');
  // A node may be called a, so its name counts only where the journal speaks of nodes.
  const named = new RegExp(`\\b(?:[Nn]ode|of|that|Target|granted to) ${name}(?![\\w-])`);
  return journal.filter(({ evidence, phase, text, kind }) => {
    const isPlan = phase === 'PLAN' && kind === 'NOTE';
    return isPlan || evidence.node === node || steps.has(evidence.step ?? null) || named.test(text);
  });
}

export function scriptOutputs(journal: readonly JournalEntry[]): readonly ScriptOutput[] {
  return journal.flatMap(({ kind, text, evidence }): readonly ScriptOutput[] => {
    const { output, exitCode } = evidence;
    if (kind !== 'RESULT' || typeof output !== 'string' || output.trim() === '') return [];
    return [{ what: text, exitCode: typeof exitCode === 'number' ? exitCode : null, output }];
  });
}

/** The votes on the node that were counted when the operation was planned: a list about `from`, or what was seen of every node. */
export function votesAbout(
  journal: readonly JournalEntry[],
  { node, from }: { readonly node: NodeId; readonly from: NodeId | null },
): readonly VoteEvidence[] {
  const plan = journal.find(({ phase, kind }) => phase === 'PLAN' && kind === 'NOTE');
  const votes = plan?.evidence.votes;
  if (Array.isArray(votes)) return node === from ? (votes as readonly VoteEvidence[]) : [];
  if (typeof votes !== 'object' || votes === null) return [];
  const found = (votes as Readonly<Record<string, VoteEvidence[] | { readonly votes?: VoteEvidence[] }>>)[node];
  return (Array.isArray(found) ? found : found?.votes) ?? [];
}
