// The sweep: every node is asked for its status in a slow rhythm, so that an instance which no prober can see is found (S25). A
// status that says active or starting is a sign of activity (S19); one that cannot be had counts as nothing, and is told.
import type { NodeId } from '../base/ids.ts';
import type { Answer } from './machine-event.ts';
import { voidProofs } from './proof.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState, SweptStatus } from './service-state.ts';
import { SURE_TIMES } from './swept-status.ts';
import { ask, patchLocal, patchService, type Transition } from './transition.ts';

/** Questions in a row without an answer after which a person is told. */
const UNANSWERED_MAX = 3;
/** Pause before a node that says it runs is asked once more. */
const CONFIRM_MS = 1_000;
/** Rounds without an answer after which the last one is too old to tell of what is. */
const OVERDUE_ROUNDS = 3;

type Swept = Extract<Answer, { kind: 'sweep' }>;

/** Asks the node that has waited longest beyond its turn; one of a service at a time, and none that an operation works on. */
export function sweep(t: Transition): void {
  const { rules, local, service } = t.state;
  if (rules.sweepEveryMs === null || service.maintenance !== null || service.epoch === 0) return;
  if (local.asking.some((key) => key.startsWith('sweep:'))) return;
  const due = rules.nodes
    .filter(({ id, actions }) => actions.status !== null && isFree(t.state, id))
    .map(({ id }) => ({ id, overdueMs: t.now.monoMs - dueAtMonoMs(t.state, id) }))
    .filter(({ overdueMs }) => overdueMs >= 0)
    .sort((a, b) => b.overdueMs - a.overdueMs);
  const [next] = due;
  if (next === undefined) return;
  const heardAtMonoMs = local.sweeps[next.id]?.heardAtMonoMs ?? null;
  patchLocal(t, { sweeps: { ...local.sweeps, [next.id]: { askedAtMonoMs: t.now.monoMs, heardAtMonoMs } } });
  ask(t, { kind: 'sweep', node: next.id, crumbVersion: versionOf(t.state, next.id) });
}

/** Answers that are overdue are forgotten: what a node said long ago counts as nothing until it says it again (S25). */
export function forgetOldAnswers(t: Transition): void {
  const { rules, local } = t.state;
  // A round takes at least as long as the slowest question, or a quick rhythm would forget what a slow machine says (S25).
  const slowestMs = Math.max(0, ...rules.nodes.map(({ actions }) => actions.status ?? 0));
  const oldestMs = t.now.monoMs - OVERDUE_ROUNDS * ((rules.sweepEveryMs ?? 0) + slowestMs + CONFIRM_MS);
  const overdue = Object.entries(local.sweeps).filter(
    ([, { heardAtMonoMs }]) => (heardAtMonoMs ?? oldestMs) < oldestMs,
  );
  if (overdue.length === 0) return;
  const forgotten = overdue.map(([node, turn]) => [node, { ...turn, heardAtMonoMs: null }] as const);
  patchLocal(t, { sweeps: { ...local.sweeps, ...Object.fromEntries(forgotten) } });
}

/**
 * Never in maintenance, beside an operation that acts on the node, or beside one with a target: a single word would have it stop,
 * then fence, a third node before the target may start (S19, S20). Probers and the proofs of the operation look after that one.
 */
function isFree(state: MachineState, node: NodeId): boolean {
  const { op, service } = state;
  if (service.nodeMaintenance[node] !== undefined) return false;
  if (op === null) return true;
  return op.to === null && ![op.from, op.intent?.intent.node, ...op.clear].includes(node);
}

function dueAtMonoMs({ rules, local, service }: MachineState, node: NodeId): number {
  const everyMs = rules.sweepEveryMs ?? 0;
  const asked = local.sweeps[node]?.askedAtMonoMs;
  // A new term asks nobody at once: the first turns are spread over one round, so that a thousand services do not come together.
  if (asked === undefined) return local.termSinceMonoMs + everyMs * shareOf(`${rules.id}/${node}`);
  const { role, times = 0, unanswered = 0 } = service.statuses[node] ?? {};
  const isUnsure = role === 'active' && node !== service.active && times < SURE_TIMES && unanswered === 0;
  return asked + (isUnsure ? Math.min(CONFIRM_MS, everyMs) : everyMs);
}

/** From 0 to 1, the same on every machine. */
function shareOf(name: string): number {
  const hash = [...name].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 9_973, 7);
  return hash / 9_973;
}

function versionOf({ breadcrumbs }: MachineState, node: NodeId): number {
  return breadcrumbs[node]?.version ?? 0;
}

/** An answer that was asked for before something happened to the node tells of what was, so it tells nothing. */
export function takeSwept(t: Transition, answer: Swept): void {
  const { node, crumbVersion } = answer;
  const { askedAtMonoMs = t.now.monoMs, heardAtMonoMs = null } = t.state.local.sweeps[node] ?? {};
  const isKnown = t.state.rules.nodes.some(({ id }) => id === node);
  if (!isKnown || !isFree(t.state, node) || crumbVersion !== versionOf(t.state, node)) return;
  note(t, node, answer.role === null ? missed(t, answer) : heard(t, answer, answer.role));
  const turn = { askedAtMonoMs, heardAtMonoMs: answer.role === null ? heardAtMonoMs : t.now.monoMs };
  patchLocal(t, { sweeps: { ...t.state.local.sweeps, [node]: turn } });
  voidProofs(t);
  // The sign has made a new record of it, which it must go on contradicting.
  const known = t.state.service.statuses[node];
  if (known !== undefined && answer.role !== null) note(t, node, { ...known, crumbVersion: versionOf(t.state, node) });
}

function heard(t: Transition, { node, reason, crumbVersion }: Swept, role: NonNullable<Swept['role']>): SweptStatus {
  const known = t.state.service.statuses[node];
  // That it is active it says anew in each term, and after a long silence: an old word and a new one are not twice.
  const isNews = role === 'active' && node !== t.state.service.active && !isHeardLately(t, node);
  const isSame = known?.role === role && known.crumbVersion === crumbVersion && !isNews;
  if (!isSame || known === undefined) {
    // A node that goes on saying that it runs was stopped before and is not stopped again, whatever its record says.
    const isActedOn = known?.isActedOn === true && known.role === role;
    const sinceWallMs = known?.role === role ? known.sinceWallMs : t.now.wallMs;
    return { role, reason, crumbVersion, times: 1, sinceWallMs, isActedOn, unanswered: 0, fault: null };
  }
  if (known.times >= SURE_TIMES && known.unanswered === 0) return known;
  return { ...known, times: Math.min(SURE_TIMES, known.times + 1), unanswered: 0, fault: null };
}

function isHeardLately({ state }: Transition, node: NodeId): boolean {
  return (state.local.sweeps[node]?.heardAtMonoMs ?? null) !== null;
}

function missed(t: Transition, { node, reason }: Swept): SweptStatus {
  const known = t.state.service.statuses[node] ?? NEVER_HEARD;
  if (known.unanswered >= UNANSWERED_MAX) return known;
  return { ...known, unanswered: known.unanswered + 1, fault: reason };
}

const NEVER_HEARD: SweptStatus = {
  role: null,
  reason: '',
  crumbVersion: 0,
  times: 0,
  sinceWallMs: 0,
  isActedOn: false,
  unanswered: 0,
  fault: null,
};

/** Written on change only, and never of nodes that are gone. */
function note(t: Transition, node: NodeId, status: SweptStatus): void {
  const { statuses } = t.state.service;
  const known = statuses[node];
  if (known === status || (known !== undefined && JSON.stringify(known) === JSON.stringify(status))) return;
  const listed = t.state.rules.nodes.map(({ id }) => id).filter((id) => id !== node);
  const others = listed.flatMap((id) => (statuses[id] === undefined ? [] : [[id, statuses[id]] as const]));
  patchService(t, { statuses: { ...Object.fromEntries(others), [node]: status } });
}

/** Whoever is about to be stopped for what it says is not stopped for it again: a status that is wrong is for a person. */
export function markActedOn(t: Transition, nodes: readonly NodeId[]): void {
  for (const id of nodes) {
    const known = t.state.service.statuses[id];
    if (known?.role === 'active' && id !== t.state.service.active) note(t, id, { ...known, isActedOn: true });
  }
}

/** Nodes whose status cannot be had: what would be used to stop or fence them may be broken, too. */
export function unansweredNodes({
  service,
  rules,
}: MachineState): readonly { readonly node: NodeId; readonly refusal: Refusal }[] {
  if (rules.sweepEveryMs === null || service.maintenance !== null) return [];
  return rules.nodes.flatMap(({ id }) => {
    const known = service.statuses[id];
    const isTold = service.failed[id] !== undefined || service.nodeMaintenance[id] !== undefined;
    if (known === undefined || isTold || known.unanswered < UNANSWERED_MAX) return [];
    const reason = `the status action of node ${id} gave no answer ${UNANSWERED_MAX} times in a row, last: ${known.fault}`;
    const remedy = `Run it by hand: whatever keeps it from answering may keep a stop from being acknowledged`;
    return [{ node: id, refusal: { rule: 'S25.status-unanswered', reason, remedy } as const }];
  });
}
