// Turns what the guard said about a step, or that it said nothing, into a result. A step of which nothing was heard after `go`
// may have been done: that is said, and the status of the node tells more (S13, S33).
import { assertNever } from '../../base/assert-never.ts';
import type { Secret } from '../../base/secret.ts';
import type { SshActionConfig } from '../../config/config.ts';
import type { ActionResult } from '../../ports/node-driver.ts';
import { type CarriedStep, withoutEvidence } from '../action-carrier.ts';
import { redactTail } from '../redact-tail.ts';
import { describePosition } from '../step-position.ts';
import type { Said } from './converse.ts';
import { describeSilence } from './describe-silence.ts';
import type { GuardAnswer } from './read-answer.ts';

type Judged = {
  readonly action: SshActionConfig;
  readonly step: CarriedStep;
  readonly said: Said;
  readonly secrets: readonly Secret[];
};

export function judgeAnswer(answer: GuardAnswer, judged: Judged): ActionResult {
  const { step, secrets } = judged;
  const { action, context, part } = step;
  switch (answer.kind) {
    case 'result': {
      const { phase, exitCode, durationMs, repeated } = answer;
      const output = redactTail(answer.output, { isCut: true, secrets });
      const evidence = { exitCode: phase === 'killed' ? null : exitCode, signal: null, output, durationMs };
      return { kind: phase, reason: describeEnd(phase, exitCode, step), evidence, repeated };
    }
    case 'refused': {
      const asked = describePosition({ ...context, part });
      const seen = `${answer.action} at ${describePosition(answer.position)}`;
      return withoutEvidence('refused', `Cannot ${action} at ${asked}: the node has seen ${seen} (S12)`);
    }
    case 'late':
      return withoutEvidence(
        'killed',
        `Cannot ${action}: go came later than 2 s after hello, so the node did nothing (S12)`,
      );
    case 'error':
      return withoutEvidence('failed', `Cannot ${action} ${where(judged)}: ${answer.reason}`);
    case 'status':
      return withoutEvidence('failed', `Cannot ${action} ${where(judged)}: the guard answered another question`);
    default:
      return assertNever(answer);
  }
}

export function judgeSilence(judged: Judged): ActionResult {
  const { said, step, secrets } = judged;
  const output = redactTail(said.stderr, { isCut: true, secrets });
  const evidence = { exitCode: null, signal: null, output, durationMs: said.durationMs };
  const after = said.wasSent ? '; the script may run on, its status tells' : '; nothing was started';
  const reason = `Cannot ${step.action} ${where(judged)}: ${describeSilence(said, output)}${after}`;
  return { kind: kindOf(said), reason, evidence, repeated: false };
}

function kindOf({ kind, wasSent }: Said): ActionResult['kind'] {
  if (kind === 'aborted' || kind === 'notAllowed') return 'killed';
  return kind === 'deadline' && wasSent ? 'timeout' : 'failed';
}

function describeEnd(phase: ActionResult['kind'], exitCode: number, { action, timeoutMs }: CarriedStep): string {
  if (phase === 'timeout') return `Killed ${action}: it took longer than ${timeoutMs} ms`;
  if (phase === 'killed') return `The guard of ${action} ended before the step did; what it did is not known`;
  const hint = exitCode === 127 ? ' (no such program on the node)' : exitCode === 126 ? ' (it is not executable)' : '';
  return `${action} ended with exit code ${exitCode}${hint}`;
}

function where({ action: { target } }: Judged): string {
  return `over ssh at ${target.host}:${target.port}`;
}
