// Runs a query of a node: a command that changes nothing, needs no step, and answers with the last line that it prints.
import { redact } from '../../base/secret.ts';
import type { ActionConfig } from '../../config/config.ts';
import type { ActionContext, ActionEvidence } from '../../ports/node-driver.ts';
import { actionEnvironment } from './action-environment.ts';
import type { ExecDriverOptions } from './exec-driver-options.ts';
import { redactTail } from './redact-tail.ts';

export type QueryAnswer =
  | { readonly kind: 'said'; readonly word: string; readonly evidence: ActionEvidence }
  | { readonly kind: 'failed'; readonly reason: string; readonly evidence: ActionEvidence };

type Options = Pick<ExecDriverOptions, 'clock' | 'runCommand' | 'secrets' | 'parentEnv'> & {
  readonly action: string;
  readonly signal: AbortSignal;
};

/** Any exit code but 0, silence or the query's own timeout is `failed`: it says nothing about the node (S18). Never rejects. */
export async function runQuery(query: ActionConfig, context: ActionContext, options: Options): Promise<QueryAnswer> {
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
    return { kind: 'failed', reason: `Cannot query ${action}: ${redact(outcome.reason, secrets)}`, evidence };
  }
  const word = lastLine(outcome.stdout);
  if (word === '') return { kind: 'failed', reason: `Cannot query ${action}: it printed nothing`, evidence };
  return { kind: 'said', word, evidence };
}

function lastLine(stdout: string): string {
  return stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';
}
