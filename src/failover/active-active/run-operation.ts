// The operations of an active-active service that run an action: the return of a node after its resync, its drain, and the end
// of a drain. One at a time (S10); nodes join and leave beside them.
import type { NodeId } from '../../base/ids.ts';
import { createOperation } from '../create-operation.ts';
import type { DnsRecord } from '../dns-record.ts';
import { mayGoOn } from '../hold.ts';
import type { Answer, IntentOutcome } from '../machine-event.ts';
import type { Operation } from '../operation.ts';
import { asSecond } from '../second-record.ts';
import {
  ask,
  block,
  enter,
  finish,
  intend,
  note,
  operationIn,
  patchLocal,
  patchOperation,
  raiseStep,
  type Transition,
} from '../transition.ts';
import { isHeld } from './change-members.ts';
import { isWanted, memberOf, setMember } from './members.ts';

/** First pause after a resync that failed; it doubles from there. */
const RESYNC_PAUSE_MS = 30_000;
/** The longest pause is about a quarter of an hour. */
const DOUBLINGS_MAX = 5;

/** Begins the resync of a node that is up again (S36: there is no other way back). */
export function considerReturn(t: Transition): boolean {
  if (t.state.op !== null || isHeld(t)) return false;
  const due = t.state.rules.nodes.find(({ id }) => {
    const isUp = t.state.local.view.nodes[id]?.up.kind === 'agreed';
    const { atMonoMs } = t.state.local.resyncRetries[id] ?? { atMonoMs: t.now.monoMs };
    return memberOf(t.state, id).owesResync && isUp && isWanted(t.state, id) && t.now.monoMs >= atMonoMs;
  });
  if (due === undefined) return false;
  beginReturn(t, due.id, { actor: 'oneup', reason: 'the quorum holds it up again' });
  return true;
}

export function beginReturn(
  t: Transition,
  node: NodeId,
  why: { readonly actor: string; readonly reason: string },
): Operation {
  const votes = t.state.local.view.nodes[node]?.votes ?? [];
  return createOperation(t, { kind: 'return', from: node, to: null, rules: ['S36'], evidence: { votes }, ...why });
}

export function advanceOperation(t: Transition): boolean {
  const { op } = t.state;
  if (op === null || op.intent !== null || !mayGoOn(t)) return false;
  const node = op.from ?? '';
  switch (op.phase) {
    case 'PLAN':
      enter(t, FIRST[op.kind] ?? 'DRAIN', `planned for ${node}`);
      return true;
    case 'PROPAGATE':
      return awaitHorizon(t, op, node);
    case 'RESYNC':
      return runAction(t, 'resync', node);
    case 'UNDRAIN':
      return runAction(t, 'undrain', node);
    default:
      return runAction(t, 'drain', node);
  }
}

const FIRST: Partial<Readonly<Record<Operation['kind'], Operation['phase']>>> = {
  return: 'RESYNC',
  drain: 'PROPAGATE',
  undrain: 'UNDRAIN',
};

/** The action of a drain begins when nobody can be sent to the node any more: every server answers anew, old answers expired. */
function awaitHorizon(t: Transition, op: Operation, node: NodeId): boolean {
  const { epoch } = t.state.service;
  const behind = [t.state, asSecond(t.state)].find((at) => at !== null && mayBeNamed(at.service.dns, node));
  if (behind != null) {
    const { dnsProblem } = behind.service;
    if (dnsProblem !== null) block(t, dnsProblem);
    return false;
  }
  if (op.blocked !== null) patchOperation(t, { blocked: null });
  const seen = t.state.local.propagation;
  if (seen === null) {
    ask(t, { kind: 'propagation', epoch });
    return false;
  }
  if (seen.horizonMonoMs !== null && t.now.monoMs < seen.horizonMonoMs) return false;
  const late = seen.laggards.length === 0 ? '' : `; no new answer from ${seen.laggards.join(', ')}`;
  const horizon =
    seen.horizonMonoMs === null ? 'the drain horizon is unknown' : 'no honest resolver holds the old answer';
  enter(t, 'DRAIN', `${horizon}${late}`);
  return true;
}

function mayBeNamed({ confirmed, pending, unconfirmed }: DnsRecord, node: NodeId): boolean {
  const isNamed = confirmed?.answers?.some((answer) => answer.node === node) === true;
  return pending !== null || unconfirmed.length > 0 || isNamed;
}

export function takePropagation(t: Transition, answer: Extract<Answer, { kind: 'propagation' }>): void {
  if (t.state.op?.phase !== 'PROPAGATE') return;
  const { laggards, horizonMonoMs, report } = answer;
  patchLocal(t, { propagation: { laggards, horizonMonoMs } });
  const drainMs = horizonMonoMs === null ? null : Math.max(0, horizonMonoMs - t.now.monoMs);
  note(t, 'Name servers asked', {
    rules: ['S31'],
    evidence: { laggards, drainMs, ...(report === undefined ? {} : { report }) },
  });
}

function runAction(t: Transition, kind: 'resync' | 'drain' | 'undrain', node: NodeId): true {
  const timeoutMs = operationIn(t).rules.nodes.find(({ id }) => id === node)?.actions[kind] ?? null;
  if (timeoutMs === null) end(t, kind, node, `no ${kind} action is configured`);
  else intend(t, { kind, node, step: raiseStep(t), timeoutMs }, `Run the ${kind} action of ${node}`);
  return true;
}

/** Takes in the result of the action under way. A result for anything else is old and means nothing (S12). */
export function takeResult(t: Transition, seq: number, outcome: IntentOutcome): void {
  const { op } = t.state;
  if (op === null || op.intent?.seq !== seq) return;
  const { kind, node, step } = op.intent.intent;
  const evidence = { step, ...outcome.evidence };
  note(t, `${kind} of ${node} ${outcome.kind}: ${outcome.reason}`, { kind: 'RESULT', rules: ['S10', 'S12'], evidence });
  patchOperation(t, { intent: null });
  // S33: it ended with its controller and says nothing about the node, so it is sent again with a new step.
  if (outcome.kind === 'killed' || (kind !== 'resync' && kind !== 'drain' && kind !== 'undrain')) return;
  if (outcome.kind === 'done') end(t, kind, node, `the ${kind} action is done`);
  else fail(t, kind, node, `${kind} of ${node} ${outcome.kind}: ${outcome.reason}`);
}

function end(t: Transition, kind: 'resync' | 'drain' | 'undrain', node: NodeId, how: string): void {
  if (kind === 'resync') {
    setMember(t, node, { owesResync: false, problem: null });
    forgetRetry(t, node);
  }
  if (kind === 'undrain') setMember(t, node, { drained: null });
  finish(t, 'done', `${kind} of ${node}: ${how}`);
}

function fail(t: Transition, kind: 'resync' | 'drain' | 'undrain', node: NodeId, why: string): void {
  if (kind === 'resync') {
    const failures = t.state.local.resyncRetries[node]?.failures ?? 0;
    const pauseMs = RESYNC_PAUSE_MS * 2 ** Math.min(failures, DOUBLINGS_MAX);
    const retry = { failures: failures + 1, atMonoMs: t.now.monoMs + pauseMs };
    patchLocal(t, { resyncRetries: { ...t.state.local.resyncRetries, [node]: retry } });
    setMember(t, node, { problem: why });
  }
  finish(t, 'failed', why);
}

function forgetRetry(t: Transition, node: NodeId): void {
  const rest = Object.entries(t.state.local.resyncRetries).filter(([id]) => id !== node);
  patchLocal(t, { resyncRetries: Object.fromEntries(rest) });
}
