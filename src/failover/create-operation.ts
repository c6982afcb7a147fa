// The birth of an operation: its id, what it must prove, and the PLAN entry that `why` starts from.
import type { NodeId, OpId } from '../base/ids.ts';
import type { Operation, OperationKind } from './operation.ts';
import { operationTitle } from './operation-title.ts';
import type { MachineState } from './service-state.ts';
import { alert, note, patchLocal, patchService, raiseStep, type Transition } from './transition.ts';
import { isSeenByMost } from './view.ts';

export type NewOperation = {
  readonly kind: OperationKind;
  readonly from: NodeId | null;
  readonly to: NodeId | null;
  readonly reason: string;
  readonly actor: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly rules: readonly string[];
  readonly overrides?: Operation['overrides'];
  readonly waitsForTtl?: boolean;
};

/** An operation that has not begun yet. */
export function newOperation(t: Transition, wanted: NewOperation): Operation {
  return operationNamed(t, wanted, { opId: nameOperation(t), startedWallMs: t.now.wallMs });
}

/** Never used twice, because steps only rise. */
export function nameOperation(t: Transition): OpId {
  return `${t.now.wallMs.toString(36)}-${raiseStep(t)}`;
}

/** One that has its name and its beginning already. */
export function operationNamed(
  t: Transition,
  wanted: NewOperation,
  { opId, startedWallMs }: Pick<Operation, 'opId' | 'startedWallMs'>,
): Operation {
  return {
    opId,
    kind: wanted.kind,
    from: wanted.from,
    to: wanted.to,
    reason: wanted.reason,
    actor: wanted.actor,
    startedWallMs,
    rules: t.state.rules,
    phase: 'PLAN',
    intent: null,
    journalSeq: 0,
    clear: [],
    fenced: [],
    fenceLevel: 0,
    fenceRound: 0,
    onlyLevel: null,
    tried: [],
    pastReturn: false,
    startIntended: false,
    startAttempts: 0,
    stopsFirst: wanted.kind === 'restart',
    rollback: false,
    overrides: wanted.overrides ?? [],
    waitsForTtl: wanted.waitsForTtl ?? true,
    drained: false,
    order: null,
    continuedAtAgeMs: 0,
    findings: [],
    epoch: null,
    blocked: null,
    failure: null,
    phases: [],
  };
}

/** Puts the operation in place; the caller has made sure that there is none (S10). */
export function createOperation(t: Transition, wanted: NewOperation): Operation {
  const op = newOperation(t, wanted);
  t.state = { ...t.state, op };
  patchLocal(t, {
    opPhaseSinceMonoMs: t.now.monoMs,
    fenceRetryAtMonoMs: 0,
    notStandby: [],
  });
  patchService(t, { refusal: null });
  const isMove = op.to !== null && op.to !== op.from;
  note(
    t,
    `${isMove ? `${op.kind} planned: ${op.from ?? 'none'} to ${op.to}` : `${operationTitle(op)} planned`}, ${op.reason}`,
    {
      rules: wanted.rules,
      evidence: wanted.evidence,
    },
  );
  alert(t, {
    level: op.kind === 'automatic' ? 'critical' : 'info',
    subject: `${t.state.rules.id}: ${isMove ? `${op.kind} from ${op.from ?? 'none'} to ${op.to}` : operationTitle(op)} begins, ${op.reason}`,
    refusal: null,
  });
  return op;
}

/** Nodes that must be proven down before the operation's target may start (S19), the old active first. */
export function mustBeDown(state: MachineState, op: Operation): readonly NodeId[] {
  if (!op.rules.exclusive) return [];
  if (op.kind === 'check') return [];
  if (op.to === null && (op.kind === 'rejoin' || op.kind === 'release')) return op.from === null ? [] : [op.from];
  if (op.kind === 'conflict') return inConflict(state, op);
  // Nothing is started any more, so only what this service may have started itself is made sure of.
  if (op.to === null)
    return state.rules.nodes.map((node) => node.id).filter((id) => state.breadcrumbs[id]?.kind === 'maybe');
  const others = state.rules.nodes.map((node) => node.id).filter((id) => id !== op.to && !isJoining(state, id));
  return [...others.filter((id) => id === op.from), ...others.filter((id) => id !== op.from)];
}

/** Whoever is seen to answer beside the node that is kept, or said so itself; nobody is touched on the word of a few (S24, I8). */
function inConflict(state: MachineState, op: Operation): readonly NodeId[] {
  const others = state.rules.nodes.map((node) => node.id).filter((id) => id !== op.to);
  return others.filter((id) => isSeenByMost(state.local.view.nodes[id]) || op.clear.includes(id));
}

/** S7: a node that was added to a running service and was never seen running. */
function isJoining(state: MachineState, node: NodeId): boolean {
  return state.breadcrumbs[node]?.kind === 'joining';
}

/** Nodes whose proof does not hold at this moment: no start may rest on it (S19). */
export function doubtful(state: MachineState, op: Operation): readonly NodeId[] {
  const others = op.rules.exclusive ? state.rules.nodes.map((node) => node.id).filter((id) => id !== op.to) : [];
  const answering = others.filter((id) => (state.local.view.nodes[id]?.answering.length ?? 0) > 0);
  return [...new Set([...unproven(state, op), ...answering])];
}

/** Those of `mustBeDown` without a standing proof. */
export function unproven(state: MachineState, op: Operation): readonly NodeId[] {
  return mustBeDown(state, op).filter((id) => state.breadcrumbs[id]?.kind !== 'down');
}
