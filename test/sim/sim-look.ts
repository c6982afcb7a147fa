// A prober's look at a node, as the simulated network carries it: an answer, a refusal, or silence until the check's deadline.
import type { CheckTarget } from '../../src/config/config.ts';
import type { CheckPhase, ProbeResult, Reach } from '../../src/health/probe-result.ts';
import type { Looked } from '../../src/prober/prober-deps.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimWorld } from './sim-world.ts';

export type Looker = {
  readonly member: { readonly id: string; readonly isLying: boolean };
  readonly clock: SimClock;
  readonly signal: AbortSignal;
};

const TRAVEL_MS = { min: 2, max: 40 } as const;

export function lookAt(world: SimWorld, target: CheckTarget, { member, clock, signal }: Looker): Promise<Looked> {
  const node = world.nodeAt(target);
  const { network, draw } = world;
  return new Promise((resolve) => {
    let unheard = SILENT;
    const timer = clock.timer(draw.between(TRAVEL_MS.min, TRAVEL_MS.max), () => {
      const isHeard = network.carries(member.id, node.id) && network.carries(node.id, member.id);
      const face = member.isLying || !isHeard ? 'silent' : node.face;
      if (face === 'answers') resolve(PASS);
      else if (face === 'refuses') resolve(REFUSED);
      else if (face === 'hung') unheard = HUNG;
    });
    const onDeadline = () => {
      timer.stop();
      resolve(unheard);
    };
    signal.addEventListener('abort', onDeadline, { once: true });
  });
}

function looked(result: ProbeResult): Looked {
  return { result, lingering: null };
}

function failed(phase: CheckPhase, reason: string, reach: Reach): Looked {
  return looked({ kind: 'fail', phases: {}, phase, reason, reach });
}

const PASS = looked({ kind: 'pass', phases: {}, detail: 'status 200' });
const REFUSED = failed('connect', 'connection refused', 'reached');
const SILENT = failed('connect', 'no answer before the deadline', 'unreached');
const HUNG = failed('firstByte', 'no answer before the deadline', 'reached');
