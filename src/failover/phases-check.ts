// A drill that only looks: asks everything that a failover would rest on, fires nothing, and writes down what it found.
import type { Question } from './intent.ts';
import type { Answer } from './machine-event.ts';
import type { Finding, Operation } from './operation.ts';
import { ask, finish, note, operationIn, patchOperation, questionKey, type Transition } from './transition.ts';

/** In order: every standby, every level of every fence ladder, the record. */
function questions(op: Operation): readonly Question[] {
  const prechecks = op.rules.nodes.flatMap(({ id, actions, priority }): Question[] => {
    if (id === op.from || priority <= 0 || actions.precheck === null) return [];
    return [{ kind: 'precheck', node: id, timeoutMs: actions.precheck }];
  });
  const levels = op.rules.nodes.flatMap(({ id, fenceLevels }) =>
    Array.from({ length: fenceLevels }, (_, level): Question => ({ kind: 'fenceStatus', node: id, level })),
  );
  return [...prechecks, ...levels, { kind: 'dnsAccess' }];
}

/** One question after the other, so that a device is not asked by two at once. */
export function advanceCheck(t: Transition): boolean {
  const op = operationIn(t);
  const next = questions(op)[op.findings.length];
  if (next !== undefined) {
    ask(t, next);
    return false;
  }
  const bad = op.findings.filter(({ ok }) => !ok);
  const text = bad.map(({ what, reason }) => `${what}: ${reason}`).join('; ');
  if (bad.length === 0) finish(t, 'done', `${op.findings.length} of ${op.findings.length} looks were good`);
  else finish(t, 'failed', `${bad.length} of ${op.findings.length} looks were bad: ${text}`);
  return true;
}

/** Takes the answer of the check under way; one to anything else means nothing here. */
export function answerCheck(t: Transition, question: string, answer: Answer): void {
  const { op } = t.state;
  if (op?.kind !== 'check' || op.phase !== 'PRECHECK') return;
  const asked = questions(op)[op.findings.length];
  if (asked === undefined || questionKey(asked) !== question) return;
  if (answer.kind !== 'precheck' && answer.kind !== 'fenceStatus' && answer.kind !== 'dnsAccess') return;
  const finding: Finding = { what: name(answer), ok: answer.ok, reason: answer.reason };
  note(t, `${finding.what}: ${finding.ok ? 'good' : 'bad'}, ${finding.reason}`, { rules: ['S36'], evidence: finding });
  patchOperation(t, { findings: [...op.findings, finding] });
}

function name(answer: Extract<Answer, { kind: 'precheck' | 'fenceStatus' | 'dnsAccess' }>): string {
  switch (answer.kind) {
    case 'precheck':
      return `precheck of ${answer.node}`;
    case 'fenceStatus':
      return `fence level ${answer.level + 1} of ${answer.node}`;
    case 'dnsAccess':
      return 'the DNS record';
  }
}
