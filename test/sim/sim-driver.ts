// The driver of a simulated controller: carries its calls to the nodes with some delay on its own clock, so that one that is
// stopped sends late and hears late; requests may come twice, and links may be cut in either direction.
import type { ActionContext, ActionResult, FenceResult, NodeDriver } from '../../src/ports/node-driver.ts';
import type { Draw } from './draw.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimNetwork } from './sim-network.ts';
import type { NodeAction, SimNode, StepRequest } from './sim-node.ts';
import { result, type SimScripts } from './sim-script.ts';

export type SimDriverOptions = {
  readonly from: string;
  readonly clock: SimClock;
  readonly draw: Draw;
  readonly network: SimNetwork;
  readonly node: SimNode;
  readonly scripts: SimScripts;
  readonly request: () => Pick<StepRequest, 'sender' | 'runner' | 'untilBootMs'>;
  /** How often a request reaches the node a second time. */
  readonly duplicates: () => number;
};

const DELAY_MAX_MS = 20;
const SWEEP_MS = 10;
const DUPLICATE_MAX_MS = 3_000;
const FENCE_TIMEOUT_MS = 2_000;
const ADOPT_TIMEOUT_MS = 1_000;
const CONTACT_MS = 1_000;
const NONE = { exitCode: null, signal: null, output: '', durationMs: 0 } as const;

export function createSimDriver(options: SimDriverOptions): NodeDriver {
  const { clock, draw, node, network, from } = options;
  const pass = () => wait(clock, draw.between(0, DELAY_MAX_MS));
  const isHeard = () => node.isReachable && network.carries(from, node.id) && network.carries(node.id, from);
  const nodeStatus = async (context: ActionContext): ReturnType<NodeDriver['status']> => {
    // The sweep comes by all the time: it takes its time, and nothing from the dice of what else happens.
    await (context.opId === '' ? wait(clock, SWEEP_MS) : pass());
    const position = node.guard?.position;
    const base = { generation: context.generation, epoch: node.epoch, step: position?.step ?? 0, lastResult: null };
    if (!isHeard()) return { ...base, role: 'unknown', running: null, reason: 'no contact' };
    return { ...base, role: node.role, running: node.isAlive, reason: 'asked' };
  };
  return {
    act: (action, context, { timeoutMs }) => carry(options, { action, context, timeoutMs, part: 0 }),
    adopt: (context) => carry(options, { action: 'adopt', context, timeoutMs: ADOPT_TIMEOUT_MS, part: 0 }),
    precheck: async () => {
      await pass();
      if (isHeard() && !node.knobs.failsPrecheck) return result('done', 'ready');
      return result('failed', isHeard() ? 'not ready' : 'no contact');
    },
    status: nodeStatus,
    fence: async (context, { level }) => {
      const timeoutMs = FENCE_TIMEOUT_MS;
      const acted = await carry(options, { action: 'fence', context, timeoutMs, part: level });
      return confirm(node, acted);
    },
    fenceStatus: async () => {
      await pass();
      return confirm(node, result('done', 'asked'));
    },
  };
}

type Wanted = Pick<StepRequest, 'context' | 'timeoutMs' | 'part'> & { readonly action: NodeAction };

async function carry(options: SimDriverOptions, wanted: Wanted): Promise<ActionResult> {
  const { clock, draw, node, network, from, scripts } = options;
  // The runner is told the deadline with the request; it is not extended for a request that has not arrived.
  const request: StepRequest = { ...wanted, ...options.request() };
  await wait(clock, draw.between(0, DELAY_MAX_MS));
  const isFence = wanted.action === 'fence';
  if (!isFence && !(node.isReachable && network.carries(from, node.id))) {
    await wait(clock, Math.min(wanted.timeoutMs, CONTACT_MS));
    return result('timeout', 'no contact');
  }
  // A fence is a command on the controller's own host: no network carries it twice.
  if (draw.chance(options.duplicates()) && !isFence) {
    const copy: StepRequest = { ...request, isCopy: true };
    request.runner.timer(draw.between(1, DUPLICATE_MAX_MS), () => scripts.run(copy, () => undefined));
  }
  const answered = await new Promise<ActionResult>((resolve) => scripts.run(request, resolve));
  await wait(clock, draw.between(0, DELAY_MAX_MS));
  if (isFence || network.carries(node.id, from)) return answered;
  await wait(clock, wanted.timeoutMs);
  return result('timeout', 'the answer was lost');
}

function wait(clock: SimClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.timer(ms, resolve));
}

/** S18: what the device says when it is asked, whatever the acting command said. */
function confirm(node: SimNode, { kind, reason }: ActionResult): FenceResult {
  if (kind === 'killed' || kind === 'refused') return { kind, reason, evidence: NONE };
  if (node.knobs.fenceIsSilent) return { kind: 'error', reason: 'the device does not answer', evidence: NONE };
  const isOff = !node.isPowered || node.lies === 'fence';
  return { kind: isOff ? 'off' : 'notOff', reason: isOff ? 'state off' : 'state on', evidence: NONE };
}
