// What `check-config --connect` found, for people: what is wrong first, then what is as it should be now though it looks odd,
// then how much was in order, and what a host that is cut off would lead to.
import { formatDuration } from '../../base/duration.ts';
import { table } from '../console.ts';
import type { Connected } from './check-connect.ts';
import type { Finding, Outcome } from './finding.ts';
import type { CutOff } from './if-cut-off.ts';
import type { Vantage } from './vantage.ts';

const LABELS: Readonly<Record<Outcome, string>> = {
  wrong: 'WRONG',
  untried: 'not tried',
  expected: 'note',
  ok: 'ok',
};
const ORDER: readonly Outcome[] = ['wrong', 'untried', 'expected', 'ok'];

export function renderConnect({ inOrder, vantages, onlyHere, ifCutOff }: Connected): string {
  return [
    ...(onlyHere === null ? [] : [`Looked from this machine only, as its user: ${onlyHere}`]),
    ...vantages.flatMap(renderVantage),
    '',
    'If the host of the active is cut off',
    ...ifCutOff.flatMap(renderCutOff),
    '',
    inOrder ? 'Everything that could be tried is in order' : 'Not everything is in order: see WRONG and BLOCKED above',
  ].join('\n');
}

function renderVantage({ prober, findings, unlisted, problem }: Vantage): readonly string[] {
  const count = (wanted: Outcome) => findings.filter(({ outcome }) => outcome === wanted).length;
  const counts = ORDER.map((outcome) => [outcome, count(outcome) + (outcome === 'ok' ? unlisted : 0)] as const)
    .filter(([, number]) => number > 0)
    .map(([outcome, number]) => `${number} ${LABELS[outcome]}`);
  // Of what is in order only the checks are listed, for the time of their phases; --json has everything.
  const rows = findings
    .filter(({ area, outcome }) => outcome !== 'ok' || area === 'check')
    .sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))
    .map(renderFinding);
  return [
    '',
    `Seen from ${prober}: ${counts.join(', ') || 'nothing'}`,
    ...(problem === null ? [] : [`  ${LABELS.wrong}  ${problem}`]),
    ...(rows.length === 0 ? [] : [table(rows)]),
  ];
}

function renderFinding({ area, subject, outcome, says }: Finding): readonly string[] {
  return [`  ${LABELS[outcome]}`, area, subject, says];
}

function renderCutOff({ service, nodes, hasActive, says, atMostMs, terms }: CutOff): readonly string[] {
  const which = nodes.length === 1 && hasActive ? `${nodes[0]}, the active` : nodes.join(', ');
  const line = `  ${service} (${which}): ${says}`;
  if (atMostMs === null) return [line];
  const { answer, clients } = atMostMs;
  return [
    line,
    `    at most ${formatDuration(answer)} to the new answer, ${formatDuration(clients)} for the last client: ${terms.join(' + ')}`,
  ];
}
