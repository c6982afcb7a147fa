// `oneup why`, `plan` and `history` for people.
import { formatDuration } from '../base/duration.ts';
import type { Plan } from '../controller/read-plan.ts';
import { type OperationWhy, totalTime, type Why } from '../controller/read-why.ts';
import type { HistoryEntry } from '../failover/machine-effect.ts';
import type { VoteEvidence } from '../failover/view.ts';
import { table } from './console.ts';

export function renderWhy(why: Why): string {
  const lines = [`${why.status.service}: ${why.summary}`];
  for (const { rule, reason, remedy } of why.blocking)
    lines.push(`  blocked by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  for (const node of why.status.nodes) {
    lines.push(`  ${node.node} is ${node.quorum}: ${node.votes.map(renderVote).join('; ')}`);
  }
  if (why.operation !== null) lines.push('', renderOperationWhy(why.operation));
  return lines.join('\n');
}

function renderVote({ prober, verdict, reason }: VoteEvidence): string {
  return `${prober} says ${verdict} (${reason})`;
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

export function renderPlan(plan: Plan): string {
  const lines = [
    `Failover of ${plan.service} now: ${plan.from ?? 'none'} -> ${plan.to ?? 'nobody can be started'}`,
    `  DNS ${plan.dns.name}: ${plan.dns.before ?? 'nothing'} -> ${plan.dns.after ?? 'unchanged'}`,
  ];
  if (plan.heldBy !== null)
    lines.push(
      `  an automatic one is held by ${plan.heldBy.rule}: ${plan.heldBy.reason}`,
      `  remedy: ${plan.heldBy.remedy}`,
    );
  for (const { node, refusal } of plan.candidates.excluded) lines.push(`  not ${node}: ${refusal.reason}`);
  lines.push('', 'Phases', table(plan.phases.map(({ phase, does }) => [`  ${phase}`, does])), '', 'Outage');
  const rows = plan.outage.terms.map((term) => [
    `  ${term.name}`,
    term.typicalMs === null ? 'not measured' : formatDuration(term.typicalMs),
    `at most ${formatDuration(term.worstMs)}`,
    term.explanation,
  ]);
  lines.push(table(rows));
  lines.push(`  typical ${formatDuration(plan.outage.typicalMs)}, at most ${formatDuration(plan.outage.worstMs)}`);
  lines.push(`  a controller lost in the same fault adds ${formatDuration(plan.outage.controllerLostMs)}`);
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
