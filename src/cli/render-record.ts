// What stands under the name of a service at its provider, and what the next write would change there, for people.
import type { RecordReport } from '../controller/read-record.ts';
import { renderRefusal } from './render-refusal.ts';

type AtOne = Omit<RecordReport, 'second'>;

/** Nothing where the next write changes nothing but the ownership TXT. */
function changeAt({ change, holds, name, problem, provider }: AtOne): readonly string[] {
  const held = holds === null ? 'could not be read' : `holds ${holds.length === 0 ? 'nothing' : holds.join('; ')}`;
  const lines = [`  At provider ${provider}, ${name} ${held}`];
  for (const { before, after } of change ?? []) {
    if (before !== null) lines.push(`    - ${before}`);
    if (after !== null) lines.push(`    + ${after}`);
  }
  if (problem !== null) lines.push(`  ${problem.rule}: ${problem.reason}`, `  remedy: ${problem.remedy}`);
  return lines;
}

/** Lines of `oneup plan`. Where a record must be handed over first, the write would be refused (S27). */
export function renderRecordOfPlan(service: string, report: RecordReport): readonly string[] {
  const { second } = report;
  return [report, ...(second === null ? [] : [second])].flatMap((at) =>
    changeAt(at.shown === null ? at : { ...at, change: null, problem: notOurs(service, at) }),
  );
}

/** What keeps DNS from following a failover now, as the first provider shows it; null when nothing does. */
export function recordHold(service: string, report: RecordReport): RecordReport['problem'] {
  return report.shown === null ? report.problem : notOurs(service, report);
}

function notOurs(service: string, { name }: AtOne): NonNullable<RecordReport['problem']> {
  const reason = `${name} stands there without oneup's ownership TXT`;
  return { rule: 'S27.dns-drift', reason, remedy: `Hand it over with oneup adopt ${service} --record` };
}

/** What `oneup zone repair` shows before it writes. */
export function renderRepair(report: RecordReport): string {
  const { second } = report;
  return [report, ...(second === null ? [] : [second])].map(repairAt).join('\n');
}

function repairAt(report: AtOne): string {
  const { problem, repairable, name, provider } = report;
  if (problem === null && repairable === null) return `${name} is as oneup wrote it at provider ${provider}`;
  const lines = changeAt({ ...report, problem: null });
  return (problem === null ? lines : [...lines, renderRefusal(problem)]).join('\n').trimStart();
}

/** What `oneup adopt --record` shows before it is told to go on. */
export function renderRecord(service: string, report: RecordReport): string {
  const { second } = report;
  const parts = [recordAt(service, report), ...(second === null ? [] : [recordAt(service, second)])];
  return parts.join('\n\n');
}

function recordAt(service: string, report: AtOne): string {
  const { ownership, shown, name, provider } = report;
  if (shown !== null) {
    const lines = [`${name} stands at provider ${provider} without oneup's ownership TXT. Taking it over would write:`];
    lines.push(...changeAt(report).slice(1), '', `If that is right: oneup adopt ${service} --record ${shown}`);
    return lines.join('\n');
  }
  if (report.problem !== null)
    return [...changeAt({ ...report, problem: null }), renderRefusal(report.problem)].join('\n').trimStart();
  if (ownership !== null) return `${name} is owned already at provider ${provider}: ${ownership}`;
  return `${name} holds nothing at provider ${provider}: oneup writes it with the first cutover`;
}
