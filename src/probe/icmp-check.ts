// One echo request by the system's `ping`, which may send it without root (docs/adr/0022-kinds-of-checks.md). It waits less
// than the check does: no reply is its own word; being cut off at the deadline is not (S23).
import type { ParentEnvironment } from '../base/parent-environment.ts';
import { inheritedVariables } from '../base/parent-environment.ts';
import type { IcmpTarget } from '../config/check-target.ts';
import type { RunCommand } from '../ports/run-command.ts';
import type { CheckOutcome } from './check-outcome.ts';
import type { ConverseOptions } from './converse.ts';
import { judgeDeadline } from './judge-fault.ts';
import { PhaseTimer } from './phase-timer.ts';
import { resolveHost } from './resolve-host.ts';

export type IcmpCheckOptions = ConverseOptions & {
  readonly runCommand: RunCommand;
  readonly parentEnv: ParentEnvironment;
};

const NO_REPLY = 1;
const REASON_CHARS = 200;

/** Never rejects; safe to repeat. */
export async function icmpCheck({ host, waitMs }: IcmpTarget, options: IcmpCheckOptions): Promise<CheckOutcome> {
  const { signal, clock } = options;
  const timer = new PhaseTimer(clock, 'resolve');
  const what = `ping ${host}`;
  const error = (reason: string): CheckOutcome['result'] => ({ kind: 'error', phases: timer.times(), reason });
  if (signal.aborted) return { result: error(`Cannot ${what}: no time was left`), lingering: null };
  const resolved = await resolveHost(host, { signal });
  timer.begin('run');
  if (resolved.kind === 'error') return { result: error(resolved.reason), lingering: null };
  if (resolved.kind === 'deadline') {
    return { result: judgeDeadline({ phase: 'resolve', phases: timer.times(), what }), lingering: resolved.lingering };
  }
  const env = { ...inheritedVariables(options.parentEnv), LC_ALL: 'C' };
  const argv = ['ping', '-n', '-q', '-c', '1', '-W', String(waitMs / 1_000), '--', resolved.address];
  const outcome = await options.runCommand({ argv, env, cwd: null }, { signal });
  const { lingering } = outcome;
  timer.end();
  if (outcome.kind === 'notStarted') return { result: error(outcome.reason), lingering };
  if (outcome.kind === 'deadline') {
    return { result: error(`Cannot ${what}: ping did not end before the deadline and was killed`), lingering };
  }
  const phases = timer.times();
  if (outcome.exitCode === 0) return { result: { kind: 'pass', phases, detail: 'reply' }, lingering };
  if (outcome.exitCode === NO_REPLY) {
    const reason = `Cannot ${what}: no reply`;
    return { result: { kind: 'fail', phases, phase: 'run', reason, reach: 'unreached' }, lingering };
  }
  return { result: error(`Cannot ${what}: ${lastLine(outcome.output) || outcome.reason}`), lingering };
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim().slice(0, REASON_CHARS) ?? '';
}
