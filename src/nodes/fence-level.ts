// One level of a fence ladder: fire, then ask until the confirm query says off (S18). The exit code of the acting command
// proves nothing, so a failed act is asked about too; only `confirm: null` takes the exit code for proof.
import type { Clock } from '../base/clock.ts';
import type { ActionsConfig, FenceLevelConfig } from '../config/config.ts';
import type { ActionContext, ActionEvidence, ActionResult, FenceResult } from '../ports/node-driver.ts';
import { type ActionCarriers, type CarriedStep, NO_EVIDENCE } from './action-carrier.ts';
import { carrierOf } from './carrier-of.ts';

export type FenceOptions = {
  readonly clock: Clock;
  readonly carriers: ActionCarriers;
  /** The actions of the node, or null when there is no such node. */
  readonly actions: ActionsConfig | null;
  readonly level: number;
  readonly signal: AbortSignal;
};

/** Safe to repeat: the same step never fires twice. Takes at most the act's timeout and one query more. */
export async function fenceLevel(context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  const { clock, carriers, level, signal } = options;
  const config = options.actions?.fence[level] ?? null;
  if (config === null) return missingLevel(context, level);
  const { timeoutMs } = config.act;
  const untilMonoMs = clock.monotonicMs() + timeoutMs;
  const device = carrierOf(config.act, carriers);
  const step: CarriedStep = { context, action: 'fence', part: level, timeoutMs, signal };
  const record = async (result: FenceResult) => {
    if (result.kind === 'off') await device.recordOff(step);
    return result;
  };
  if (config.confirm !== null && device.wasFired(step)) {
    const before = await ask(config.confirm, context, options);
    if (before.kind === 'off') return record(before);
  }
  const act = await device.act(step);
  // A recorded end is asked about; one that happens now says that the right to act is over.
  const isOver = act.kind === 'refused' || (act.kind === 'killed' && !act.repeated);
  if (isOver)
    return { kind: act.kind === 'refused' ? 'refused' : 'killed', reason: act.reason, evidence: act.evidence };
  if (config.confirm === null) return record(judgeByExit(act));
  const asked = await askUntil(config.confirm, context, { ...options, untilMonoMs });
  const evidence = joinEvidence(act.evidence, asked.evidence);
  return record({ ...asked, reason: `${asked.reason} (act: ${act.reason})`, evidence });
}

/** Asks the confirm query of a level once. */
export async function queryLevel(context: ActionContext, options: FenceOptions): Promise<FenceResult> {
  const config = options.actions?.fence[options.level] ?? null;
  if (config === null) return missingLevel(context, options.level);
  if (config.confirm !== null) return ask(config.confirm, context, options);
  const reason = `Cannot query fence level ${options.level}: it has no confirm query (confirmedByExit)`;
  return { kind: 'error', reason, evidence: NO_EVIDENCE };
}

type Confirm = NonNullable<FenceLevelConfig['confirm']>;

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
  const { carriers, signal } = options;
  if (signal.aborted) return { kind: 'killed', reason: 'Cannot query: the caller gave up', evidence: NO_EVIDENCE };
  const answer = await carrierOf(confirm.query, carriers).query({ context, action: 'fence-confirm', signal });
  if (answer.kind === 'failed') return { kind: 'error', reason: answer.reason, evidence: answer.evidence };
  const kind = confirm.offStates.includes(answer.word) ? 'off' : 'notOff';
  const reason = `The fence device says ${JSON.stringify(answer.word.slice(0, WORD_CHARS))}`;
  return { kind, reason, evidence: answer.evidence };
}

/** Longest answer of a device that is repeated in a reason. */
const WORD_CHARS = 100;

function judgeByExit({ kind, reason, evidence }: ActionResult): FenceResult {
  if (kind === 'done') return { kind: 'off', reason: `${reason}, which counts as proof (confirmedByExit)`, evidence };
  return { kind: evidence.exitCode === null ? 'error' : 'notOff', reason, evidence };
}

function joinEvidence(act: ActionEvidence, confirm: ActionEvidence): ActionEvidence {
  const half = EVIDENCE_CHARS / 2;
  const output = `act:\n${act.output.slice(-half)}\nconfirm:\n${confirm.output.slice(-half)}`;
  return { ...confirm, output, durationMs: act.durationMs + confirm.durationMs };
}

/** Both outputs together stay below the 4 KiB that evidence may have, with room for their headings. */
const EVIDENCE_CHARS = 4_000;

function missingLevel({ service, node }: ActionContext, level: number): FenceResult {
  const reason = `Cannot fence ${service}/${node}: there is no level ${level} in actions.fence`;
  return { kind: 'error', reason, evidence: NO_EVIDENCE };
}
