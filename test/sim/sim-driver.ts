// The driver of a simulated controller: carries its calls to the nodes with some delay, in both directions, on the clock of the
// controller's process, so that one that is stopped sends late and hears late.
import type { ActionContext, ActionResult, FenceResult, NodeDriver } from '../../src/ports/node-driver.ts';
import type { Draw } from './draw.ts';
import type { RunnerDeadline, SimNode } from './sim-node.ts';
import type { SimClock } from './virtual-time.ts';

export type SimDriverOptions = {
  readonly clock: SimClock;
  readonly draw: Draw;
  readonly node: SimNode;
  readonly deadline: RunnerDeadline;
};

const DELAY_MAX_MS = 20;
const FENCE_TIMEOUT_MS = 2_000;

export function createSimDriver({ clock, draw, node, deadline }: SimDriverOptions): NodeDriver {
  const pass = () => new Promise<void>((resolve) => void clock.timer(draw.between(0, DELAY_MAX_MS), resolve));

  async function carry(
    action: Parameters<SimNode['run']>[0]['action'],
    context: ActionContext,
    timeoutMs: number,
  ): Promise<ActionResult> {
    // The runner is told the deadline with the request; it is not extended for a request that has not arrived.
    await pass();
    const answered = await node.run({ action, context, timeoutMs, deadline });
    await pass();
    return answered;
  }

  return {
    act: (action, context, { timeoutMs }) => carry(action, context, timeoutMs),
    adopt: (context) => carry('adopt', context, 1_000),
    precheck: async (context) => {
      await pass();
      const isReady = !node.knobs.isUnreachable && node.isPowered && context.node !== '';
      return {
        kind: isReady ? 'done' : 'failed',
        reason: isReady ? 'ready' : 'no contact',
        evidence: NONE,
        repeated: false,
      };
    },
    status: async (context) => {
      await pass();
      const { generation } = context;
      const base = { generation, epoch: node.epoch, step: node.highestStep, lastResult: null };
      if (node.knobs.isUnreachable || !node.isPowered)
        return { ...base, role: 'unknown', running: null, reason: 'no contact' };
      return { ...base, role: node.isAlive ? 'active' : 'stopped', running: node.isAlive, reason: 'asked' };
    },
    fence: async (context) => fenceResult(await carry('fence', context, FENCE_TIMEOUT_MS)),
    fenceStatus: async () => {
      await pass();
      return { kind: node.isPowered ? 'notOff' : 'off', reason: 'asked', evidence: NONE };
    },
  };
}

const NONE = { exitCode: null, signal: null, output: '', durationMs: 0 } as const;

function fenceResult({ kind, reason, evidence }: ActionResult): FenceResult {
  if (kind === 'done') return { kind: 'off', reason: 'state off', evidence };
  if (kind === 'killed' || kind === 'refused') return { kind, reason, evidence };
  return { kind: 'notOff', reason, evidence };
}
