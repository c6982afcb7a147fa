// `oneup why` and `history` for people: what led here, what holds the next move, and what was before.
import { formatDuration } from '../base/duration.ts';
import { type OperationWhy, totalTime, type Why } from '../controller/read-why.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import { table } from './console.ts';
import { renderVote } from './render-vote.ts';

export function renderWhy(why: Why): string {
  const lines = [`${why.status.service}: ${why.summary}`];
  for (const { rule, reason, remedy } of why.blocking)
    lines.push(`  blocked by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  for (const { rule, reason, remedy } of why.holds)
    lines.push(`  a move would be held by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  for (const { node, refusal } of why.excluded)
    lines.push(`  ${node} cannot be started (${refusal.rule}): ${refusal.reason}`, `  remedy: ${refusal.remedy}`);
  for (const node of why.status.nodes) {
    lines.push(`  ${node.node} is ${node.quorum}: ${node.votes.map(renderVote).join('; ')}`);
  }
  if (why.operation !== null) lines.push('', renderOperationWhy(why.operation));
  return lines.join('\n');
}

function renderOperationWhy(op: OperationWhy): string {
  const at = new Date(op.startedWallMs).toISOString();
  const lines = [
    `Operation ${op.opId}: ${op.kind} ${op.from ?? 'none'} -> ${op.to ?? 'none'}, ${op.outcome}, by ${op.actor} at ${at}`,
    `  because: ${op.reason}`,
    `  rules that spoke: ${op.rules.join(', ')}`,
    table(op.phases.map((phase) => [`  ${phase.phase}`, formatDuration(phase.durationMs), phase.summary])),
    `  in all ${totalTime(op.phases)}`,
    '  journal:',
  ];
  for (const entry of op.journal) {
    const time = new Date(entry.wallMs).toISOString().slice(11, 23);
    lines.push(`    ${time} ${entry.kind.padEnd(6)} ${entry.text}`);
  }
  return lines.join('\n');
}

export function renderHistory(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return 'No operation has ended yet';
  return table(
    entries.map(({ op, outcome, summary }) => [
      new Date(op.startedWallMs).toISOString(),
      op.opId,
      op.kind,
      `${op.from ?? 'none'} -> ${op.to ?? 'none'}`,
      outcome,
      totalTime(op.phases),
      summary,
    ]),
  );
}
