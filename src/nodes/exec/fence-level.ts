// One level of a fence ladder: fire under the runner, then ask until the confirm query says off (S18). The exit code of the
// acting command proves nothing, so a failed act is asked about too; only `confirm: null` takes the exit code for proof.
import type { FenceLevelConfig } from '../../config/config.ts';
import type { ActionContext, ActionEvidence, ActionResult, FenceResult } from '../../ports/node-driver.ts';
import type { ExecDriverOptions } from './exec-driver-options.ts';
import { readGuardRecord } from './read-guard-record.ts';
import { runQuery } from './run-query.ts';
import { comparePositions } from './step-position.ts';
import { stepRequest } from './step-request.ts';

export type FenceOptions = ExecDriverOptions & { readonly level: number; readonly signal: AbortSignal };

/** Safe to repeat: the same step asks first and never fires twice. Takes at most the act's timeout and one query more. */
export async function fenceLevel(context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  const config = levelOf(context, options);
  if (config === null) return missingLevel(context, options.level);
  const untilMonoMs = options.clock.monotonicMs() + config.act.timeoutMs;
  if (config.confirm !== null && wasFired(context, options)) {
    const before = await ask(config.confirm, context, options);
    if (before.kind === 'off') return recordOff(before, context, options);
  }
  const act = await fire(config, context, options);
  if (act.kind === 'refused' || act.kind === 'killed')
    return { kind: act.kind, reason: act.reason, evidence: act.evidence };
  if (config.confirm === null) return recordOff(judgeByExit(act), context, options);
  const asked = await askUntil(config.confirm, context, { ...options, untilMonoMs });
  const evidence = joinEvidence(act.evidence, asked.evidence);
  return recordOff({ ...asked, reason: `${asked.reason} (act: ${act.reason})`, evidence }, context, options);
}

/** Asks the confirm query of a level once. */
export async function queryLevel(context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  const config = levelOf(context, options);
  if (config === null) return missingLevel(context, options.level);
  if (config.confirm !== null) return ask(config.confirm, context, options);
  const reason = `Cannot query fence level ${options.level}: it has no confirm query (confirmedByExit)`;
  return { kind: 'error', reason, evidence: NO_EVIDENCE };
}

type Confirm = NonNullable<FenceLevelConfig['confirm']>;

function levelOf({ service, node }: ActionContext, { actionsOf, level }: FenceOptions): FenceLevelConfig | null {
  return actionsOf(service, node)?.fence[level] ?? null;
}

function fire({ act }: FenceLevelConfig, context: ActionContext, options: FenceOptions): Promise<ActionResult> {
  const { runner, level, signal } = options;
  const { command, timeoutMs } = act;
  const request = stepRequest(options, { context, action: 'fence', part: level, command, timeoutMs });
  return runner.request({ kind: 'run', untilBootMs: options.mayActUntilBootMs(), request }, { signal });
}

/** Whether this very step and level was claimed before. A guard that cannot be read is dealt with when firing. */
function wasFired({ generation, epoch, step, ...context }: ActionContext, options: FenceOptions): boolean {
  const found = readGuardRecord(options.guardPath, context);
  if (!found.ok || found.value === null) return false;
  return comparePositions(found.value.position, { generation, epoch, step, part: options.level }) === 0;
}

async function askUntil(
  confirm: Confirm,
  context: ActionContext,
  options: FenceOptions & { readonly untilMonoMs: number },
): Promise<FenceResult> {
  const { clock, signal, untilMonoMs } = options;
  for (;;) {
    const answer = await ask(confirm, context, options);
    if (answer.kind === 'off' || answer.kind === 'killed') return answer;
    if (clock.monotonicMs() + confirm.intervalMs >= untilMonoMs) return answer;
    try {
      await clock.sleep(confirm.intervalMs, { signal });
    } catch {
      // The caller gave up: what was known last, as not proven.
      return { ...answer, kind: 'killed', reason: `${answer.reason}; the caller gave up` };
    }
  }
}

/** S18: listed is off, any other answer is not off, a query that fails says nothing. */
async function ask(confirm: Confirm, context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  if (options.signal.aborted)
    return { kind: 'killed', reason: 'Cannot query: the caller gave up', evidence: NO_EVIDENCE };
  const answer = await runQuery(confirm.query, context, { ...options, action: 'fence-confirm' });
  if (answer.kind === 'failed') return { kind: 'error', reason: answer.reason, evidence: answer.evidence };
  const kind = confirm.offStates.includes(answer.word) ? 'off' : 'notOff';
  return {
    kind,
    reason: `The fence device says ${JSON.stringify(answer.word.slice(0, WORD_CHARS))}`,
    evidence: answer.evidence,
  };
}

/** Longest answer of a device that is repeated in a reason. */
const WORD_CHARS = 100;

function judgeByExit({ kind, reason, evidence }: ActionResult): FenceResult {
  if (kind === 'done') return { kind: 'off', reason: `${reason}, which counts as proof (confirmedByExit)`, evidence };
  return { kind: evidence.exitCode === null ? 'error' : 'notOff', reason, evidence };
}

/** Off is remembered, so that `status` knows; what could not be remembered is still off. */
async function recordOff(result: FenceResult, context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  if (result.kind !== 'off') return result;
  const { cluster, service, node, generation, epoch, step } = context;
  const { runner, level, signal, mayActUntilBootMs } = options;
  const recorded = { key: { cluster, service, node }, position: { generation, epoch, step, part: level } };
  await runner.request({ kind: 'off', untilBootMs: mayActUntilBootMs(), ...recorded }, { signal });
  return result;
}

function joinEvidence(act: ActionEvidence, confirm: ActionEvidence): ActionEvidence {
  const half = EVIDENCE_CHARS / 2;
  const output = `act:\n${act.output.slice(-half)}\nconfirm:\n${confirm.output.slice(-half)}`;
  return { ...confirm, output, durationMs: act.durationMs + confirm.durationMs };
}

/** Both outputs together stay below the 4 KiB that evidence may have, with room for their headings. */
const EVIDENCE_CHARS = 4_000;
const NO_EVIDENCE: ActionEvidence = { exitCode: null, signal: null, output: '', durationMs: 0 };

function missingLevel({ service, node }: ActionContext, level: number): FenceResult {
  const reason = `Cannot fence ${service}/${node}: there is no level ${level} in actions.fence`;
  return { kind: 'error', reason, evidence: NO_EVIDENCE };
}
