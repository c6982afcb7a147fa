// `oneup plan` for people: who would take over, what would hold it, what is done, and how long it takes.
import { formatDuration } from '../base/duration.ts';
import type { Plan } from '../controller/read-plan.ts';
import type { CandidateScore } from '../failover/candidates.ts';
import { table } from './console.ts';

export function renderPlan(plan: Plan): string {
  const lines = [
    `Failover of ${plan.service} now: ${plan.from ?? 'none'} -> ${plan.to ?? 'nobody can be started'}`,
    `  DNS ${plan.dns.name}: ${plan.dns.before ?? 'nothing'} -> ${plan.dns.after ?? 'unchanged'}`,
    ...renderHolds(plan),
    '',
    'Candidates',
    ...renderCandidates(plan),
    '',
    'Phases',
    table(plan.phases.map(({ phase, does }) => [`  ${phase}`, does])),
    '',
    'A planned move (switchover, failback, live drill) also',
    table(renderPlanned(plan)),
    '',
    'Outage',
    ...renderOutage(plan),
  ];
  return lines.join('\n');
}

function renderHolds({ heldBy, plannedHeldBy }: Plan): readonly string[] {
  const lines: string[] = [];
  if (heldBy !== null)
    lines.push(`  an automatic one is held by ${heldBy.rule}: ${heldBy.reason}`, `  remedy: ${heldBy.remedy}`);
  for (const { rule, reason, remedy } of plannedHeldBy)
    lines.push(`  a planned one is held by ${rule}: ${reason}`, `  remedy: ${remedy}`);
  return lines;
}

function renderCandidates({ candidates: { scores, excluded } }: Plan): readonly string[] {
  const head = ['  node', 'ready', 'priority', 'lag', 'failures', 'vantage'];
  const lines = scores.length === 0 ? ['  none'] : [table([head, ...scores.map(renderScore)])];
  for (const { node, refusal } of excluded)
    lines.push(`  not ${node}: ${refusal.reason} (${refusal.rule})`, `    remedy: ${refusal.remedy}`);
  return lines;
}

function renderScore({ node, ready, priority, lag, failures, vantage, besideActive }: CandidateScore): string[] {
  const place = `${vantage ?? 'unknown'}${besideActive ? ', beside the active' : ''}`;
  return [`  ${node}`, ready, String(priority), lag === null ? 'unknown' : String(lag), String(failures), place];
}

function renderPlanned({ planned: { ttlLowerMs, drainAtMostMs } }: Plan): readonly (readonly string[])[] {
  return [
    [
      '  TTL_LOWER',
      ttlLowerMs === null
        ? 'nothing to wait for: the TTL is short already, or DNS names nobody'
        : `waits ${formatDuration(ttlLowerMs)} until resolvers have forgotten the long TTL; --no-ttl-wait skips it`,
    ],
    [
      '  DRAIN',
      drainAtMostMs === null ? 'no drain action' : `at most ${formatDuration(drainAtMostMs)} for the work under way`,
    ],
  ];
}

function renderOutage({ outage }: Plan): readonly string[] {
  const rows = outage.terms.map((term) => [
    `  ${term.name}`,
    term.typicalMs === null ? 'not measured' : formatDuration(term.typicalMs),
    `at most ${formatDuration(term.worstMs)}`,
    term.explanation,
  ]);
  return [
    table(rows),
    `  typical ${formatDuration(outage.typicalMs)}, at most ${formatDuration(outage.worstMs)}`,
    `  a controller lost in the same fault adds ${formatDuration(outage.controllerLostMs)}`,
  ];
}
