// The `agent` carrier: a step is written down as the order of a node, which its agent takes from any prober, and its report
// says what came of it (S12). The order is a commit guarded by the term, so an old controller can order nothing (S8).
import type { Clock } from '../../base/clock.ts';
import type { StoreKeys } from '../../base/store-keys.ts';
import type { AgentActionConfig } from '../../config/action-config.ts';
import type { AgentOrder, AgentReport } from '../../ports/agent-link.ts';
import type { ActionContext, ActionResult, SteppedAction } from '../../ports/node-driver.ts';
import type { Guard, Store } from '../../ports/store.ts';
import type { StoreView } from '../../ports/store-view.ts';
import {
  type ActionCarrier,
  NO_EVIDENCE,
  type QueryAnswer,
  type Recalled,
  withoutEvidence,
} from '../action-carrier.ts';
import { actionVariables } from '../action-variables.ts';
import { readAgentReport } from './agent-report.ts';

export type AgentCarrierOptions = {
  readonly store: Store;
  readonly view: StoreView;
  readonly keys: StoreKeys;
  readonly clock: Clock;
  readonly uniqueId: () => string;
  /** That the controller is still the one of its term (S8). */
  readonly guards: () => readonly Guard[];
  /** How long an agent that is not connected is waited for. */
  readonly contactTimeoutMs: (context: ActionContext) => number;
};

/** An answer needs a while beyond the time of the step itself: two commits and the way there and back. */
const ANSWER_MS = 2_000;
const LOOK_MS = 250;
/** What runs is the agent's to know; a step adds only what it is for. */
const NO_COMMAND = { argv: [], env: [], cwd: null } as const;

/** Never rejects for what agents, nodes or the store do: that is the result. */
export function createAgentCarrier(options: AgentCarrierOptions): ActionCarrier<AgentActionConfig> {
  return {
    act: (_action, { context, action, timeoutMs, signal }) =>
      order(options, { action: action as SteppedAction, context, timeoutMs }, signal),
    adopt: (_start, { context, timeoutMs, signal }) => order(options, { action: 'adopt', context, timeoutMs }, signal),
    query: async (_action, { context, action }) => answerFrom(options, context, action),
    recall: async (_start, { context }) => recall(options, context),
    wasFired: () => false,
    // Who is fenced cannot be told; its agent learns from the store that its grant has ended.
    recordOff: async () => undefined,
  };
}

/** Whether the node could start is all that its report answers. */
function answerFrom(options: AgentCarrierOptions, context: ActionContext, action: string): QueryAnswer {
  const report = readAgentReport(options, context.service, context.node);
  const failed = (reason: string): QueryAnswer => ({
    kind: 'failed',
    reason,
    evidence: { ...NO_EVIDENCE, exitCode: 1 },
  });
  if (action !== 'precheck') return failed(`an agent answers no ${action}`);
  if (report === null) return failed(`no agent of ${context.node} is connected`);
  if (report.running === true) return failed('its agent says that it runs already');
  if (report.unfit !== undefined) return failed(`${report.unfit.reason}; ${report.unfit.remedy}`);
  return { kind: 'said', word: `its agent says ${report.role}`, evidence: { ...NO_EVIDENCE, exitCode: 0 } };
}

async function order(
  options: AgentCarrierOptions,
  wanted: Omit<AgentOrder, 'env'>,
  signal: AbortSignal,
): Promise<ActionResult> {
  const { clock } = options;
  const { action, context, timeoutMs } = wanted;
  const beganMonoMs = clock.monotonicMs();
  const refusal = await write(options, { ...wanted, env: actionVariables(context, { action, command: NO_COMMAND }) });
  if (refusal !== null) return refusal;
  for (;;) {
    if (signal.aborted) return withoutEvidence('killed', 'the right to act ended before the agent answered');
    const report = readAgentReport(options, context.service, context.node);
    const found = report === null ? null : resultIn(report, context, action);
    if (found !== null) return found;
    const passedMs = clock.monotonicMs() - beganMonoMs;
    if (report === null && passedMs > options.contactTimeoutMs(context))
      return withoutEvidence('failed', `no agent of ${context.node} is connected`);
    if (passedMs > timeoutMs + ANSWER_MS)
      return withoutEvidence('timeout', `the agent of ${context.node} has not answered`);
    await nextChange(options, context, signal);
  }
}

/** Null when the order stands; a commit of unknown outcome is written again, which changes nothing (S6). */
async function write(options: AgentCarrierOptions, wanted: AgentOrder): Promise<ActionResult | null> {
  const { store, keys, guards, uniqueId } = options;
  const key = keys.goal(wanted.context.service, wanted.context.node);
  const request = { guards: guards(), writes: [{ kind: 'put', key, value: JSON.stringify(wanted) }] } as const;
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const result = await store.commit({ ...request, token: uniqueId() });
      if (result.kind === 'committed') return null;
      if (result.kind === 'conflict') return withoutEvidence('killed', 'the term has ended: the order was not written');
    } catch (error) {
      return withoutEvidence(
        'failed',
        `the order was not written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  // It may stand: the agent's report says so, if it does.
  return null;
}

/** What the report says of this step; null while it says nothing of it. */
function resultIn(
  report: AgentReport,
  { generation, epoch, step }: ActionContext,
  action: AgentOrder['action'],
): ActionResult | null {
  if (report.generation === generation && report.step > step)
    return withoutEvidence('refused', `the agent has seen step ${report.step}`);
  const isSame = report.generation === generation && report.step === step;
  if (!isSame || report.epoch > epoch) return null;
  // S17: nobody takes a stop for done while its own report says that something runs.
  const isDoubtful = action === 'stop' && report.lastResult?.kind === 'done' && report.running === true;
  return isDoubtful ? null : report.lastResult;
}

async function nextChange(
  { view, keys, clock }: AgentCarrierOptions,
  { service, node }: ActionContext,
  signal: AbortSignal,
): Promise<void> {
  const changed = new AbortController();
  const stop = view.onChange(keys.agent(service, node), () => changed.abort());
  await clock.sleep(LOOK_MS, { signal: AbortSignal.any([signal, changed.signal]) }).catch(() => undefined);
  stop();
}

function recall(options: AgentCarrierOptions, { service, node, generation }: ActionContext): Recalled {
  const report = readAgentReport(options, service, node);
  if (report === null || report.generation > generation) {
    const reason = report === null ? `no agent of ${node} is connected` : 'its agent knows a newer generation';
    const nothing = { running: null, generation, epoch: 0, step: 0, lastResult: null };
    return { ...nothing, role: 'unknown', isStarting: false, isHeard: report !== null, reason };
  }
  const { role, running, epoch, step, lastResult } = report;
  const known = { running, generation: report.generation, epoch, step, lastResult };
  return { ...known, role, isStarting: role === 'starting', isHeard: true, reason: 'its agent says so' };
}
