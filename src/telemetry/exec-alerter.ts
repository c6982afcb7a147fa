// Tells people by a command of theirs: the alert is in its ONEUP_ALERT_* variables, exit code 0 means that it was taken.
import type { Clock } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import { inheritedVariables, type ParentEnvironment } from '../base/parent-environment.ts';
import { redact, type Secret } from '../base/secret.ts';
import type { Alerter, AlertOutcome } from '../ports/alerter.ts';
import type { CommandOutcome, RunCommand } from '../ports/run-command.ts';
import { type AlertPayload, alertPayload } from './alert-payload.ts';
import { deadlineSignal } from './deadline-signal.ts';

export type ExecAlerterOptions = {
  readonly name: string;
  readonly command: {
    readonly argv: readonly string[];
    readonly env: readonly (readonly [name: string, value: Secret])[];
    readonly cwd: string | null;
  };
  /** The command and everything it started is killed after this long. */
  readonly timeoutMs: number;
  readonly runCommand: RunCommand;
  /** PATH, HOME and LANG come from here; everything else from the command's own `env`. */
  readonly parentEnv: ParentEnvironment;
  readonly clock: Clock;
  /** Removed from what is sent and from what is said about a failure. */
  readonly secrets: readonly Secret[];
};

/** Longest piece of a command's output that goes into a reason. */
const REASON_LINE_CHARS = 200;

export function createExecAlerter(options: ExecAlerterOptions): Alerter {
  const { name, command, secrets } = options;
  const program = command.argv[0] ?? '';
  let isLingering = false;

  const send: Alerter['send'] = async (message, { signal }): Promise<AlertOutcome> => {
    // One that even the kernel cannot end holds what it holds; a new one with every alert would pile up beside it.
    if (isLingering) return failed(`Cannot run ${program}: the one before it was killed and has not gone yet`);
    const env = environment(options, alertPayload(message, secrets));
    using deadline = deadlineSignal(signal, options);
    const outcome = await options.runCommand({ argv: command.argv, env, cwd: command.cwd }, deadline);
    if (outcome.lingering !== null) {
      isLingering = true;
      void outcome.lingering.then(() => {
        isLingering = false;
      });
    }
    return judge(outcome, { program, secrets, limit: formatDuration(options.timeoutMs), isOver: deadline.isOver() });
  };
  return { name, send };
}

function environment(
  { command, parentEnv }: ExecAlerterOptions,
  payload: AlertPayload,
): Readonly<Record<string, string>> {
  const own = command.env.map(([name, value]) => [name, value.reveal()] as const);
  const fields = Object.entries(payload).map(([key, value]) => [
    `ONEUP_ALERT_${key.toUpperCase()}`,
    value === null ? '' : String(value),
  ]);
  return {
    ...inheritedVariables(parentEnv),
    ...Object.fromEntries(own),
    ...Object.fromEntries(fields),
    ONEUP_ALERT_JSON: JSON.stringify(payload),
  };
}

type Judging = {
  readonly program: string;
  readonly secrets: readonly Secret[];
  readonly limit: string;
  readonly isOver: boolean;
};

function judge(outcome: CommandOutcome, { program, secrets, limit, isOver }: Judging): AlertOutcome {
  if (outcome.kind === 'notStarted') return failed(redact(outcome.reason, secrets));
  if (outcome.kind === 'deadline') {
    return failed(`${program} was killed with all its processes${isOver ? ` after ${limit}` : ', oneup ends'}`);
  }
  if (outcome.exitCode === 0) return { kind: 'sent' };
  const said = redact(outcome.output, secrets).trimEnd().split('\n').at(-1)?.trim().slice(0, REASON_LINE_CHARS) ?? '';
  return failed(`${program}: ${outcome.reason}${said === '' ? '' : `: ${said}`}`);
}

function failed(reason: string): AlertOutcome {
  return { kind: 'failed', reason };
}
