// `oneup plan` for people: who would take over, what would hold it, what is done, and how long it takes.
import { formatDuration } from '../base/duration.ts';
import type { Plan, StandbyReadiness } from '../controller/read-plan.ts';
import type { RecordReport } from '../controller/read-record.ts';
import type { SetPlan } from '../controller/read-set.ts';
import type { CandidateScore } from '../failover/candidates.ts';
import { table } from './console.ts';
import { recordHold } from './render-record.ts';

/** `record`: what the provider said of it; null: it was not asked, or did not answer. */
export function renderPlan(plan: Plan, nowWallMs: number, record: RecordReport | null): string {
  if (plan.set !== null) return renderSetPlan(plan, plan.set);
  const lines = [
    `Failover of ${plan.service} now: ${plan.from ?? 'none'} -> ${plan.to ?? 'nobody can be started'}`,
    ...renderDns(plan, record),
    `  ${renderTtl(plan.dns.ttl)}`,
    ...renderHolds(plan),
    '',
    'Candidates',
    ...renderCandidates(plan),
    '',
    'Standbys, by their last prechecks',
    ...renderStandbys(plan, nowWallMs),
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

/** By the provider, where it answered: an edit by hand and a name that is a CNAME are known there alone. */
function renderDns({ service, to, dns }: Plan, record: RecordReport | null): readonly string[] {
  if (record === null) return [`  DNS ${dns.name}: ${dns.before ?? 'nothing'} -> ${dns.after ?? 'unchanged'}`];
  const hold = recordHold(service, record);
  const after = to === null ? 'unchanged' : hold === null ? record.answer.after : `not written, by ${hold.rule}`;
  return [`  DNS ${dns.name}: ${record.answer.before} -> ${after}`];
}

/** What the provider will publish, and what of it clients feel. */
function renderTtl({ steadyMs, suspectMs, followsSuspicion }: Plan['dns']['ttl']): string {
  const [steady, suspect] = [formatDuration(steadyMs), formatDuration(suspectMs)];
  if (steadyMs <= suspectMs) return `TTL ${steady} always: resolvers hold the old answer for up to ${steady}`;
  return followsSuspicion
    ? `TTL ${steady}, ${suspect} from the first failing vote: resolvers hold the old answer for ${suspect} to ${steady}`
    : `TTL ${steady}, ${suspect} in planned moves alone: after a failover resolvers hold the old answer for up to ${steady}`;
}

function renderHolds({ heldBy, plannedHeldBy }: Plan): readonly string[] {
  const lines: string[] = [];
  for (const { rule, reason, remedy } of heldBy)
    lines.push(`  an automatic one is held by ${rule}: ${reason}`, `  remedy: ${remedy}`);
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

function renderStandbys({ standbys }: Plan, nowWallMs: number): readonly string[] {
  if (standbys.length === 0) return ['  none'];
  return [table(standbys.map((standby) => [`  ${standby.node}`, ...describeStandby(standby, nowWallMs)]))];
}

function describeStandby(
  { ready, reason, lag, sinceWallMs, askedEveryMs }: StandbyReadiness,
  nowWallMs: number,
): string[] {
  if (ready === 'no-precheck') return ['not asked', 'it has no precheck action'];
  const every = `asked every ${formatDuration(askedEveryMs ?? 0)}`;
  if (ready === 'unknown') return ['unknown', `the controller has no answer yet; ${every}`];
  const age = formatDuration(Math.max(0, nowWallMs - (sinceWallMs ?? nowWallMs)));
  const word = ready === 'yes' ? 'ready' : 'NOT READY';
  return [word, `for ${age}, ${every}; lag ${lag ?? 'not told'}; ${reason ?? ''}`];
}

function renderScore({
  node,
  healthy,
  ready,
  priority,
  lag,
  failures,
  vantage,
  besideActive,
}: CandidateScore): string[] {
  const place = `${vantage ?? 'unknown'}${besideActive ? ', beside the active' : ''}`;
  return [
    `  ${node}`,
    healthy ? ready : `${ready}, fails its standby check`,
    String(priority),
    lag === null ? 'unknown' : String(lag),
    String(failures),
    place,
  ];
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

const KINDS = {
  healthy: '',
  failOpen: ' (fewer than minHealthy: every verified node, S28)',
  last: ' (nobody may be named anew: the last answer, S28)',
} as const;

function renderSetPlan({ service, dns }: Plan, { now, without }: SetPlan): string {
  const answer = ({ answers, kind }: SetPlan['now']) => `${answers.join(', ') || 'nothing'}${KINDS[kind]}`;
  return [
    `${service} is active-active: ${dns.name} answers ${answer(now)}`,
    ...(without.length === 0 ? [] : ['', 'If one more node is held down']),
    ...(without.length === 0 ? [] : [table(without.map((next) => [`  without ${next.node}`, answer(next)]))]),
  ].join('\n');
}
