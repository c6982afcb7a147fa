// The first thing a new term does with a service: forget what the old controller had only in mind, and send every intent
// without a result again under the same step. Guards make that harmless (S12, S33).
import { note, patchLocal, patchOperation, patchService, type Transition } from './transition.ts';

export function takeOver(t: Transition, term: number): void {
  const { monoMs } = t.now;
  const { op, service } = t.state;
  const firstSeen = Object.fromEntries(
    [...service.automaticOps, ...(service.cooldown === null ? [] : [service.cooldown])].map((known) => [
      known.opId,
      monoMs,
    ]),
  );
  patchLocal(t, {
    term,
    termSinceMonoMs: monoMs,
    opPhaseSinceMonoMs: monoMs,
    tailPhaseSinceMonoMs: monoMs,
    opSinceMonoMs: monoMs,
    fenceRetryAtMonoMs: 0,
    dnsRetryAtMonoMs: 0,
    dnsRefused: null,
    asking: [],
    prechecks: {},
    firstSeenMonoMs: firstSeen,
    stableSinceMonoMs: null,
    maintenanceSinceMonoMs: monoMs,
    propagation: null,
  });
  if (op !== null) {
    note(t, `Term ${term} takes the operation over in ${op.phase}`, { rules: ['S9', 'S33'] });
    if (op.intent !== null) {
      const { intent, seq } = op.intent;
      t.effects.push({ kind: 'run', seq, op: patchOperation(t, {}), intent });
    }
  }
  const { pending, unconfirmed } = service.dns;
  if (pending !== null) {
    // Its outcome is unknown; the reconciliation writes above it and settles it (S26).
    patchService(t, { dns: { ...service.dns, pending: null, unconfirmed: [...unconfirmed, pending].slice(-16) } });
  }
}
