// Whether the agreed death of the active node, or of everything, starts an automatic operation, and which rule holds it if not.
import type { NodeId } from '../base/ids.ts';
import { automaticRefusal, generalRefusal, quorumLost } from './automatic-rules.ts';
import { candidates } from './candidates.ts';
import { createOperation } from './create-operation.ts';
import type { Refusal } from './refusal.ts';
import { createRestart, mayRestart } from './restart.ts';
import type { MachineState } from './service-state.ts';
import { strayHolder } from './stray-holder.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

/** Starts a restart, a failover or a cold start when the quorum agrees and no rule forbids it (S24, S36). */
export function considerAutomatic(t: Transition): boolean {
  if (t.state.local.view.referencesLost === true) return hold(t, REFERENCES_LOST);
  const stray = strayHolder(t.state);
  if (stray !== null) return hold(t, stray);
  const { active } = t.state.service;
  if (active === null) return considerColdStart(t);
  const down = t.state.local.view.nodes[active]?.down;
  if (down?.kind !== 'agreed') return hold(t, quorumLost(t.state, active, t.now));
  const votes = t.state.local.view.nodes[active]?.votes ?? [];
  const reason = `${down.for.length} of ${votes.length} probers agree that ${active} is down`;
  if (generalRefusal(t.state, active, t.now) === null && mayRestart(t.state, active)) {
    createRestart(t, active, reason);
    return true;
  }
  const refusal = automaticRefusal(t.state, active, t.now);
  if (refusal !== null) return hold(t, refusal);
  const known = candidates(t.state, [active]);
  createOperation(t, {
    kind: 'automatic',
    from: active,
    to: known.eligible[0] ?? null,
    reason,
    actor: 'oneup',
    rules: ['S24'],
    evidence: { votes, outcome: down, candidates: known },
  });
  return true;
}

/** S22: every living prober that looks at the service abstains, so nobody would notice a death. */
const REFERENCES_LOST: Refusal = {
  rule: 'S22.references-lost',
  reason: 'no prober reaches any of its references, so all of them abstain',
  remedy: 'Look at the network of the probers and at cluster.references; nothing is decided until one answers',
};

/** Keeps why nothing is begun for `why` and the alerts; null when nothing asks for it. Never begins anything. */
function hold(t: Transition, refusal: Refusal | null): false {
  const known = t.state.service.refusal;
  if (known?.rule !== refusal?.rule || known?.reason !== refusal?.reason) patchService(t, { refusal });
  return false;
}

/** Nobody is active, nothing answers, and no person wanted that: the preferred node is started, after proof for the others. */
function considerColdStart(t: Transition): boolean {
  const { rules, service, local } = t.state;
  const isSilent = rules.nodes.every(({ id }) => isAgreedDown(t.state, id));
  const since = isSilent ? (local.silentSinceMonoMs ?? t.now.monoMs) : null;
  if (since !== local.silentSinceMonoMs) patchLocal(t, { silentSinceMonoMs: since });
  const isWanted = rules.coldStart && service.epoch > 0 && !service.awaitsOperator;
  if (since === null || !isWanted || t.now.monoMs - since < rules.startupGraceMs) return hold(t, null);
  const known = candidates(t.state, []);
  // Without a candidate the service is exhausted, which is said as such.
  if (known.eligible.length === 0) return hold(t, null);
  const refusal = automaticRefusal(t.state, null, t.now);
  if (refusal !== null) return hold(t, refusal);
  createOperation(t, {
    kind: 'coldStart',
    from: null,
    to: known.eligible[0] ?? null,
    reason: 'nothing runs any more',
    actor: 'oneup',
    rules: ['S11', 'S24'],
    evidence: { candidates: known },
  });
  return true;
}

function isAgreedDown(state: MachineState, node: NodeId): boolean {
  const view = state.local.view.nodes[node];
  return view?.down.kind === 'agreed' && view.answering.length === 0;
}
