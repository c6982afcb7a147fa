// Asks a script: exit code 0 passes, any other fails. A script that gives no answer by the deadline is an error and not a
// failure (S23), because nobody knows what it would have said; a script that judges slow nodes brings its own shorter timeout.
import type { ParentEnvironment } from '../base/parent-environment.ts';
import { inheritedVariables } from '../base/parent-environment.ts';
import type { ExecTarget } from '../config/check-target.ts';
import type { RunCommand } from '../ports/run-command.ts';
import type { CheckOutcome } from './check-outcome.ts';

export type ExecCheckOptions = {
  readonly signal: AbortSignal;
  readonly runCommand: RunCommand;
  /** PATH, HOME and LANG come from here; everything else from the check's own `env`. */
  readonly parentEnv: ParentEnvironment;
};

/** Longest piece of a script's output that goes into a reason. */
const REASON_LINE_CHARS = 200;

/** Never rejects. Resolves at the deadline even when the process cannot be killed; `lingering` then tells when it is gone. */
export async function execCheck({ command }: ExecTarget, options: ExecCheckOptions): Promise<CheckOutcome> {
  const own = command.env.map(([name, value]) => [name, value.reveal()] as const);
  const env = { ...inheritedVariables(options.parentEnv), ...Object.fromEntries(own) };
  const outcome = await options.runCommand({ argv: command.argv, env, cwd: command.cwd }, { signal: options.signal });
  const { lingering } = outcome;
  const phases = { run: outcome.durationMs };
  const said = lastLine(outcome.output);
  if (outcome.kind === 'notStarted')
    return { result: { kind: 'error', phases: {}, reason: outcome.reason }, lingering };
  if (outcome.kind === 'deadline') {
    const reason = `Cannot tell: ${command.argv[0]} gave no answer before the deadline and was killed`;
    return { result: { kind: 'error', phases, reason }, lingering };
  }
  if (outcome.exitCode === 0) return { result: { kind: 'pass', phases, detail: said || 'exit code 0' }, lingering };
  const reason = said === '' ? outcome.reason : `${outcome.reason}: ${said}`;
  return { result: { kind: 'fail', phases, phase: 'run', reason, reach: 'unknown' }, lingering };
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim().slice(0, REASON_LINE_CHARS) ?? '';
}
