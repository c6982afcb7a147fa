// Runs a query of a node: a command that changes nothing, needs no step, and answers with the last line that it prints.
import { redact } from '../../base/secret.ts';
import type { ExecActionConfig } from '../../config/config.ts';
import type { ActionContext, ActionEvidence } from '../../ports/node-driver.ts';
import type { QueryAnswer } from '../action-carrier.ts';
import { actionEnvironment } from '../action-variables.ts';
import { lastWords } from '../last-words.ts';
import { redactTail } from '../redact-tail.ts';
import type { ExecCarrierOptions } from './exec-carrier-options.ts';

type Options = Pick<ExecCarrierOptions, 'clock' | 'runCommand' | 'secrets' | 'parentEnv'> & {
  readonly action: string;
  readonly signal: AbortSignal;
};

/** Any exit code but 0, silence or the query's own timeout is `failed`: it says nothing about the node (S18). Never rejects. */
export async function runQuery(
  query: ExecActionConfig,
  context: ActionContext,
  options: Options,
): Promise<QueryAnswer> {
  const { clock, runCommand, parentEnv, action } = options;
  const { command, timeoutMs } = query;
  const secrets = [...options.secrets, ...command.env.map(([, value]) => value)];
  const deadline = new AbortController();
  const timer = clock.timer(timeoutMs, () => deadline.abort('the query took too long'));
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  const env = actionEnvironment(context, { action, command, parentEnv });
  const outcome = await runCommand({ argv: command.argv, env, cwd: command.cwd }, { signal });
  timer.stop();
  const evidence: ActionEvidence = {
    exitCode: outcome.exitCode,
    signal: outcome.signal,
    // The driver cannot see whether the tail was cut; treating it as cut removes at most the end of a secret.
    output: redactTail(outcome.output, { isCut: true, secrets }),
    durationMs: outcome.durationMs,
  };
  if (outcome.kind !== 'exited' || outcome.exitCode !== 0) {
    const said = outcome.kind === 'exited' ? lastWords(evidence.output) : '';
    return { kind: 'failed', reason: `Cannot query ${action}: ${redact(outcome.reason, secrets)}${said}`, evidence };
  }
  const word = lastLine(outcome.stdout);
  if (word === '') return { kind: 'failed', reason: `Cannot query ${action}: it printed nothing`, evidence };
  return { kind: 'said', word, evidence };
}

function lastLine(stdout: string): string {
  return stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
