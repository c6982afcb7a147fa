// The first thing a new term does with a service: forget what the old controller had only in mind, and send every intent
// without a result again under the same step. Guards make that harmless (S12, S33).
import { doubtful } from './create-operation.ts';
import { withUnknown } from './dns-desire.ts';
import { modeRefusal } from './hold.ts';
import type { Intent } from './intent.ts';
import { maintenanceAges } from './maintenance-expiry.ts';
import { agedOperations } from './node-failures.ts';
import type { PendingIntent } from './operation.ts';
import { endCutOff } from './phases-fence-test.ts';
import { onEachRecord } from './second-record.ts';
import { EMPTY_LOCAL_STATE } from './service-state.ts';
import { enter, note, operationIn, patchLocal, patchOperation, patchService, type Transition } from './transition.ts';

export function takeOver(t: Transition, term: number): void {
  const { monoMs } = t.now;
  const { op, service } = t.state;
  const firstSeen = Object.fromEntries(
    agedOperations(service).map(({ opId, agedMs }) => [opId, monoMs - agedMs] as const),
  );
  // Everything not named here begins as in a controller that has seen nothing, so no field can be forgotten.
  patchLocal(t, {
    ...EMPTY_LOCAL_STATE,
    view: t.state.local.view,
    term,
    termSinceMonoMs: monoMs,
    opPhaseSinceMonoMs: monoMs,
    tailPhaseSinceMonoMs: monoMs,
    firstSeenMonoMs: { ...firstSeen, ...maintenanceAges(service, monoMs) },
  });
  if (op !== null) {
    note(t, `Term ${term} takes the operation over in ${op.phase}`, { rules: ['S9', 'S33'] });
    if (op.intent !== null) resend(t, op.intent);
  }
  onEachRecord(t, takeRecordOver);
}

function takeRecordOver(t: Transition): void {
  const { dns } = t.state.service;
  const { confirmed, pending } = dns;
  // How long DNS has been answering with the short TTL is not known, so the wait begins anew (S2).
  patchLocal(t, { lowTtlSinceMonoMs: confirmed?.level === 'suspect' ? t.now.monoMs : null });
  // Its outcome is unknown; the reconciliation writes above it and settles it (S26).
  if (pending !== null) patchService(t, { dns: { ...dns, pending: null, unconfirmed: withUnknown(dns, pending) } });
}

/** A START INTENT rests on proofs; where one has become doubtful meanwhile it is dropped and proven anew (S19). */
function resend(t: Transition, { intent, seq }: PendingIntent): void {
  if (intent.kind === 'fence' && operationIn(t).kind === 'fenceTest') {
    patchOperation(t, { intent: null });
    return endCutOff(t, intent.node, intent.level);
  }
  const mode = modeRefusal(t.state);
  if (mode !== null) return drop(t, intent, mode.reason);
  const starts = intent.kind === 'start' || intent.kind === 'adopt';
  const inDoubt = starts ? doubtful(t.state, operationIn(t)) : [];
  if (inDoubt.length === 0) {
    t.effects.push({ kind: 'run', seq, op: operationIn(t), intent });
    return;
  }
  drop(t, intent, `the proof of ${inDoubt.join(', ')} is doubtful`);
}

/** Nothing is in flight any more when the term has changed; the phase asks for its effect again when it may (S33, S35). */
function drop(t: Transition, { kind, node }: Intent, why: string): void {
  const isStart = kind === 'start';
  patchOperation(t, { intent: null, ...(isStart ? { stopsFirst: true } : {}) });
  note(t, `The ${kind} of ${node} is not repeated: ${why}`, { rules: ['S33', 'S35'] });
  if (isStart || kind === 'adopt') enter(t, 'CONFIRM_DOWN', `before ${node} is started, everything is looked at anew`);
}
