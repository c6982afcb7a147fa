// One step in the making: the state so far and what it wants journaled and done. Lives for one call of `step` only.
import type { Now } from '../base/clock.ts';
import type { NodeId } from '../base/ids.ts';
import type { Intent, Question } from './intent.ts';
import type { Alert, HistoryEntry, JournalEntry, MachineEffect } from './machine-effect.ts';
import type { Operation, Outcome, Phase, PhaseTime } from './operation.ts';
import type { Refusal } from './refusal.ts';
import type { Breadcrumb, LocalState, MachineState, ServiceRecord } from './service-state.ts';

export type Transition = {
  state: MachineState;
  readonly now: Now;
  readonly journal: JournalEntry[];
  readonly effects: MachineEffect[];
  readonly history: HistoryEntry[];
};

/** The running operation, or the tail of the one before. */
export type Slot = 'op' | 'tail';

/** More phases than any operation passes, rollback and three candidates included; older ones are dropped. */
const PHASE_TIMES_MAX = 64;

export function patchService(t: Transition, patch: Partial<ServiceRecord>): void {
  t.state = { ...t.state, service: { ...t.state.service, ...patch } };
}

export function patchLocal(t: Transition, patch: Partial<LocalState>): void {
  t.state = { ...t.state, local: { ...t.state.local, ...patch } };
}

export function patchOperation(t: Transition, patch: Partial<Operation>, slot: Slot = 'op'): Operation {
  const next = { ...operationIn(t, slot), ...patch };
  t.state = { ...t.state, [slot]: next };
  return next;
}

/** The operation in `slot`; a phase that runs without one is a fault of the machine. */
export function operationIn(t: Transition, slot: Slot = 'op'): Operation {
  const op = t.state[slot];
  if (op === null) throw new TypeError(`Cannot advance: there is no operation in slot ${slot}`);
  return op;
}

type NewBreadcrumb =
  | Omit<Extract<Breadcrumb, { kind: 'down' }>, 'version'>
  | Omit<Extract<Breadcrumb, { kind: 'maybe' }>, 'version'>
  | Omit<Extract<Breadcrumb, { kind: 'unknown' }>, 'version'>;

/** Writes a breadcrumb under a version that was never used before (S19). */
export function setBreadcrumb(t: Transition, node: NodeId, crumb: NewBreadcrumb): void {
  const version = t.state.service.crumbVersion + 1;
  patchService(t, { crumbVersion: version });
  t.state = { ...t.state, breadcrumbs: { ...t.state.breadcrumbs, [node]: { ...crumb, version } } };
}

/** The next step number of the service (S12). */
export function raiseStep(t: Transition): number {
  const step = t.state.service.step + 1;
  patchService(t, { step });
  return step;
}

type NoteOptions = {
  readonly kind?: JournalEntry['kind'];
  readonly rules?: readonly string[];
  readonly evidence?: Readonly<Record<string, unknown>>;
  readonly slot?: Slot;
};

/** Adds a line to the operation's journal. */
export function note(t: Transition, text: string, options: NoteOptions = {}): number {
  const slot = options.slot ?? 'op';
  const op = operationIn(t, slot);
  const seq = op.journalSeq + 1;
  t.journal.push({
    opId: op.opId,
    seq,
    kind: options.kind ?? 'NOTE',
    phase: op.phase,
    wallMs: t.now.wallMs,
    term: t.state.local.term,
    text,
    rules: options.rules ?? [],
    evidence: options.evidence ?? {},
  });
  patchOperation(t, { journalSeq: seq }, slot);
  return seq;
}

/** Moves to another phase, closing the time of the one before. */
export function enter(t: Transition, phase: Phase, summary: string, slot: Slot = 'op'): void {
  const op = operationIn(t, slot);
  const since = slot === 'op' ? t.state.local.opPhaseSinceMonoMs : t.state.local.tailPhaseSinceMonoMs;
  const time: PhaseTime = { phase: op.phase, durationMs: Math.max(0, t.now.monoMs - since), summary };
  note(t, `${op.phase} ended: ${summary}`, { kind: 'RESULT', slot });
  const phases = [...op.phases, time].slice(-PHASE_TIMES_MAX);
  patchOperation(t, { phase, phases, blocked: null }, slot);
  patchLocal(t, slot === 'op' ? { opPhaseSinceMonoMs: t.now.monoMs } : { tailPhaseSinceMonoMs: t.now.monoMs });
}

/** Commits to an effect: INTENT is written with the state, the effect happens after the commit (S10). */
export function intend(t: Transition, intent: Intent, text: string): void {
  note(t, text, { kind: 'INTENT', evidence: { ...intent } });
  // The step is the intent's name: no other intent of the service ever has it, so a late result meets nobody else (S12).
  const seq = intent.step;
  const op = patchOperation(t, { intent: { intent, seq, wallMs: t.now.wallMs } });
  t.effects.push({ kind: 'run', seq, op, intent });
}

/** Forgets the effect under way, also one that this very step was about to send again: its result meets nobody (S12). */
export function dropIntent(t: Transition): void {
  const seq = operationIn(t).intent?.seq;
  const place = t.effects.findIndex((effect) => effect.kind === 'run' && effect.seq === seq);
  if (place >= 0) t.effects.splice(place, 1);
  patchOperation(t, { intent: null });
}

export function questionKey(question: Question): string {
  switch (question.kind) {
    case 'propagation':
      return `propagation:${question.epoch}`;
    case 'status':
      return `status:${question.node}:${question.epoch}`;
    case 'standby':
      return `standby:${question.node}:${question.opId}`;
    case 'sweep':
      return `sweep:${question.node}`;
    case 'precheck':
      return `precheck:${question.node}`;
    case 'fenceStatus':
      return `fenceStatus:${question.node}:${question.level}`;
    case 'dnsAccess':
      return 'dnsAccess';
    case 'lease':
      return `lease:${question.node}:${question.epoch}`;
  }
}

/** Asks unless the same question is under way. */
export function ask(t: Transition, question: Question, slot: Slot = 'op'): void {
  const key = questionKey(question);
  if (t.state.local.asking.includes(key)) return;
  patchLocal(t, { asking: [...t.state.local.asking, key] });
  t.effects.push({ kind: 'ask', question, op: t.state[slot] });
}

/** Says that the operation waits for a person or a device, once per reason. */
export function block(t: Transition, refusal: Refusal, slot: Slot = 'op'): void {
  const op = operationIn(t, slot);
  if (op.blocked?.rule === refusal.rule && op.blocked.reason === refusal.reason) return;
  note(t, `Blocked: ${refusal.reason}`, { rules: [refusal.rule], evidence: { remedy: refusal.remedy }, slot });
  // The alert follows from the state, see alerts.ts.
  patchOperation(t, { blocked: refusal }, slot);
}

/** Tells of something that has happened, once; what lasts is told by alerts.ts. */
export function alert(t: Transition, event: Pick<Alert, 'level' | 'subject' | 'refusal'>): void {
  t.effects.push({ kind: 'alert', alert: { id: null, state: 'event', count: 1, ...event } });
}

const OUTCOME_LEVEL: Readonly<Record<Outcome, Alert['level']>> = {
  done: 'info',
  aborted: 'warning',
  rolledBack: 'warning',
  failed: 'critical',
};

/** Ends the operation in `slot`: its history is written and the slot is free. */
export function finish(t: Transition, outcome: Outcome, summary: string, slot: Slot = 'op'): void {
  enter(t, 'DONE', summary, slot);
  const op = operationIn(t, slot);
  t.history.push({ op, outcome, endedWallMs: t.now.wallMs, summary });
  patchService(t, { lastOpId: op.opId });
  t.state = { ...t.state, [slot]: null };
  alert(t, {
    level: OUTCOME_LEVEL[outcome],
    subject: `${t.state.rules.id}: ${op.kind} ${outcome}, ${summary}`,
    refusal: null,
  });
}
