// `oneup why` and `history` for people: what led here, what holds the next move, and what was before.
import { formatDuration } from '../base/duration.ts';
import type { StandbyReport } from '../controller/read-model.ts';
import type { OperationWhy, Why } from '../controller/read-why.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import { operationTitle } from '../failover/operation-title.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';
import { table } from './console.ts';
import { renderPropagation } from './render-propagation.ts';
import { renderProviderCalls } from './render-provider-calls.ts';
import { renderVote } from './render-vote.ts';

export function renderWhy(why: Why): string {
  const lines = [`${why.status.service}: ${why.summary}`];
  for (const { rule, reason, remedy } of why.blocking)
    lines.push(`  blocked by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  for (const { rule, reason, remedy } of why.holds) {
    // Told with its remedy already, where it blocks what goes on now.
    if (why.blocking.some((known) => known.rule === rule && known.reason === reason))
      lines.push(`  a move would be held by ${rule}, too`);
    else lines.push(`  a move would be held by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  }
  for (const { node, refusal } of why.excluded)
    lines.push(`  ${node} cannot be started (${refusal.rule}): ${refusal.reason}`, `  remedy: ${refusal.remedy}`);
  const { voters } = why.status;
  if (voters !== null) lines.push(`  looked at by ${voters.join(', ')}, who alone vote on it`);
  for (const node of why.status.nodes) {
    lines.push(
      `  ${node.node} is ${node.quorum}: ${node.votes.map((vote) => renderVote(vote, node.changesAfter)).join('; ')}`,
    );
    if (node.standby !== null) lines.push(renderStandby(node.node, node.standby));
  }
  for (const calls of [why.provider, why.secondProvider])
    if (calls !== null) lines.push(`  ${renderProviderCalls(calls)}`);
  if (why.operation !== null) lines.push('', renderOperationWhy(why.operation));
  return lines.join('\n');
}

/** The votes of its standby check read like those on the service. */
function renderStandby(node: string, { quorum, votes }: StandbyReport): string {
  return `  ${node} as a standby is ${quorum}: ${votes.map((vote) => renderVote(vote)).join('; ')}`;
}

function renderOperationWhy(op: OperationWhy): string {
  const at = new Date(op.startedWallMs).toISOString();
  const lines = [
    `Operation ${op.opId}: ${op.title}, ${op.outcome}, by ${op.actor} at ${at}`,
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
  const report = propagationOf(op);
  if (report !== null) lines.push('', 'What the world answered', renderPropagation(report));
  return lines.join('\n');
}

/** The last one: name servers that were late are asked again. */
function propagationOf({ journal }: OperationWhy): PropagationReport | null {
  const entry = journal.findLast(({ evidence }) => evidence.report !== undefined);
  return entry === undefined ? null : (entry.evidence.report as PropagationReport);
}

export function renderHistory(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return 'No operation has ended yet';
  return table(
    entries.map(({ op, outcome, summary }) => [
      new Date(op.startedWallMs).toISOString(),
      op.opId,
      operationTitle(op),
      outcome,
      totalTime(op.phases),
      summary,
    ]),
  );
}

function totalTime(phases: readonly { readonly durationMs: number }[]): string {
  return formatDuration(phases.reduce((sum, { durationMs }) => sum + durationMs, 0));
}
