// Who joins and who leaves the answer, by what the quorum agrees on (S24). Every change is an operation that is over at once:
// it has a journal, a history entry and an alert, and `why` shows the votes it rests on.
import type { NodeId } from '../../base/ids.ts';
import { newOperation } from '../create-operation.ts';
import { modeRefusal } from '../hold.ts';
import type { NodeRules } from '../service-rules.ts';
import type { MachineState } from '../service-state.ts';
import { finish, note, patchLocal, patchService, type Transition } from '../transition.ts';
import { answerSet } from './answer-set.ts';
import { healthyNodes, isWanted, mayAnswer, memberOf, RAMP_STEPS, setMember, setRules } from './members.ts';

/** S35: hands off; S9: nothing by itself before this term has seen enough. */
export function isHeld({ state, now }: Transition): boolean {
  const { local, rules } = state;
  return modeRefusal(state) !== null || now.monoMs - local.termSinceMonoMs < rules.startupGraceMs;
}

/** One change; false when everybody is where the votes put them. */
export function changeMembers(t: Transition): boolean {
  if (isHeld(t)) return false;
  return t.state.rules.nodes.some((node) => changeMember(t, node));
}

function changeMember(t: Transition, { id, address, actions }: NodeRules): boolean {
  const member = memberOf(t.state, id);
  const view = t.state.local.view.nodes[id];
  const isUp = view?.up.kind === 'agreed';
  if (member.verified !== null && member.verified !== address) {
    // Another address is another machine under an old name: nothing that was seen of the old one counts (S28).
    setMember(t, id, { verified: null, isIn: false, problem: null });
    return true;
  }
  if (isUp && member.verified === null && t.state.service.nodeMaintenance[id] === undefined) {
    setMember(t, id, { verified: address });
    return true;
  }
  if (member.isIn && (view?.down.kind === 'agreed' || !isWanted(t.state, id))) {
    leave(t, id, view?.down.kind === 'agreed' ? 'the quorum holds it down' : 'a person took it out');
    return true;
  }
  if (view?.down.kind === 'agreed' && member.verified !== null && !member.owesResync && actions.resync !== null) {
    // It went down before it was back, or while a person had it out: what it has is old either way.
    setMember(t, id, { owesResync: true });
    return true;
  }
  if (!member.isIn && isUp && !member.owesResync && mayAnswer(t.state, id)) {
    join(t, id);
    return true;
  }
  return false;
}

/** Also called by the commands that take a node out. */
export function leave(t: Transition, node: NodeId, why: string): void {
  const rules = t.state.rules.nodes.find(({ id }) => id === node);
  const isDown = t.state.local.view.nodes[node]?.down.kind === 'agreed';
  const wasAway = isDown || t.state.service.nodeMaintenance[node] !== undefined;
  const { owesResync } = memberOf(t.state, node);
  setMember(t, node, { isIn: false, owesResync: owesResync || (wasAway && rules?.actions.resync !== null) });
  record(t, { from: node, to: null, why });
}

function join(t: Transition, node: NodeId): void {
  // Where nobody else answers there is nobody to spare it the load, and before the first answer all nodes are as cold.
  const isAlone = healthyNodes(t.state).length === 0 || t.state.service.dns.confirmed === null;
  const stage = setRules(t.state).slowStartMs === 0 || isAlone ? RAMP_STEPS : 1;
  setMember(t, node, { isIn: true, stage, problem: null });
  patchLocal(t, { stageSinceMonoMs: { ...t.state.local.stageSinceMonoMs, [node]: t.now.monoMs } });
  record(t, { from: null, to: node, why: 'the quorum holds it up' });
}

type Change = { readonly from: NodeId | null; readonly to: NodeId | null; readonly why: string };

function record(t: Transition, { from, to, why }: Change): void {
  // The epoch of a service that grants nothing begins with its first answer and stays; seq orders its writes (S26).
  patchService(t, { epoch: Math.max(1, t.state.service.epoch), settling: true });
  patchLocal(t, { stableSinceMonoMs: null });
  const node = from ?? to ?? '';
  const votes = t.state.local.view.nodes[node]?.votes ?? [];
  const evidence = { votes, answer: answerSet(t.state) };
  const op = newOperation(t, {
    kind: 'answer',
    from,
    to,
    reason: `${node}: ${why}`,
    actor: 'oneup',
    rules: [],
    evidence,
  });
  const held = t.state.tail;
  t.state = { ...t.state, tail: op };
  patchLocal(t, { tailPhaseSinceMonoMs: t.now.monoMs });
  note(t, `${node} ${from === null ? 'joins' : 'leaves'} the answer: ${why}`, {
    rules: ['S24', 'S28'],
    evidence,
    slot: 'tail',
  });
  finish(t, 'done', summaryOf(t.state, { node, isJoining: from === null }), 'tail');
  t.state = { ...t.state, tail: held };
}

function summaryOf(
  state: MachineState,
  { node, isJoining }: { readonly node: NodeId; readonly isJoining: boolean },
): string {
  const set = answerSet(state);
  const what = `${node} ${isJoining ? 'joined' : 'left'} the answer`;
  if (set.kind === 'last') return `${what}; nobody may be named anew, so the last answer stays`;
  const names = set.answers.map((entry) => entry.node).join(', ');
  const { minHealthy } = setRules(state);
  return set.kind === 'healthy'
    ? `${what}, which names ${names}`
    : `${what}; fewer than ${minHealthy} are healthy, so it names every verified node: ${names}`;
}

/** The next step of a slow start. A new term counts the step anew: slower than promised, never quicker. */
export function advanceRamp(t: Transition): boolean {
  const { local, rules } = t.state;
  const stepMs = setRules(t.state).slowStartMs / RAMP_STEPS;
  const due = rules.nodes.find(({ id }) => {
    const { isIn, stage } = memberOf(t.state, id);
    const since = local.stageSinceMonoMs[id] ?? local.termSinceMonoMs;
    return isIn && stage < RAMP_STEPS && t.now.monoMs - since >= stepMs;
  });
  if (due === undefined || isHeld(t)) return false;
  setMember(t, due.id, { stage: memberOf(t.state, due.id).stage + 1 });
  patchLocal(t, { stageSinceMonoMs: { ...local.stageSinceMonoMs, [due.id]: t.now.monoMs } });
  return true;
}

/** Stable: everybody who answers has been held up without a suspicion for `stableFor`. */
export function noteSetStability(t: Transition): void {
  const { local, rules, service } = t.state;
  const healthy = healthyNodes(t.state);
  const isCalm = healthy.every((node) => {
    const view = local.view.nodes[node];
    return view?.up.kind === 'agreed' && view.suspectedBy.length === 0;
  });
  const since = isCalm && healthy.length > 0 ? (local.stableSinceMonoMs ?? t.now.monoMs) : null;
  if (since !== local.stableSinceMonoMs) patchLocal(t, { stableSinceMonoMs: since });
  const isReached = since !== null && t.now.monoMs - since >= rules.stableForMs;
  if (isReached && service.settling) patchService(t, { settling: false });
}
