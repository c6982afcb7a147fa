// Whether the agreed death of the active node starts an automatic operation, and if not, which rule holds it.

import type { Now } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { NodeId } from '../base/ids.ts';
import { candidates } from './candidates.ts';
import { createOperation } from './create-operation.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { alert, patchService, type Transition } from './transition.ts';

/** Starts a failover when the quorum agrees that the active is down and no rule forbids it (S24, S36). */
export function considerAutomatic(t: Transition): boolean {
  if (t.state.local.view.referencesLost === true) {
    hold(t, REFERENCES_LOST);
    return false;
  }
  const { active } = t.state.service;
  const down = active === null ? undefined : t.state.local.view.nodes[active]?.down;
  if (active === null || down?.kind !== 'agreed') {
    if (t.state.service.refusal !== null) patchService(t, { refusal: null });
    return false;
  }
  const refusal = automaticRefusal(t.state, active, t.now);
  if (refusal !== null) {
    hold(t, refusal);
    return false;
  }
  const [to = null] = candidates(t.state, [active]).eligible;
  const votes = t.state.local.view.nodes[active]?.votes ?? [];
  createOperation(t, {
    kind: 'automatic',
    from: active,
    to,
    reason: `${down.for.length} of ${votes.length} probers agree that ${active} is down`,
    actor: 'oneup',
    rules: ['S24'],
    evidence: { votes, outcome: down, candidates: candidates(t.state, [active]) },
  });
  return true;
}

/** S22: every prober that lives abstains, so nobody would notice a death. */
const REFERENCES_LOST: Refusal = {
  rule: 'S22.references-lost',
  reason: 'no prober reaches any of its references, so all of them abstain',
  remedy: 'Look at the network of the probers and at cluster.references; nothing is decided until one answers',
};

function hold(t: Transition, refusal: Refusal): void {
  if (t.state.service.refusal?.rule === refusal.rule) return;
  patchService(t, { refusal });
  alert(t, { level: 'critical', subject: `${t.state.rules.id}: no failover, ${refusal.reason}`, refusal });
}

type RuleCheck = (state: MachineState, active: NodeId, now: Now) => Refusal | null;

/** In the order in which an operator would want to hear of them. */
const CHECKS: readonly RuleCheck[] = [
  automaticOff,
  inMaintenance,
  inStartupGrace,
  massFailure,
  inCooldown,
  overBudget,
  noCandidate,
];

export function automaticRefusal(state: MachineState, active: NodeId, now: Now): Refusal | null {
  for (const check of CHECKS) {
    const refusal = check(state, active, now);
    if (refusal !== null) return refusal;
  }
  return null;
}

function automaticOff(state: MachineState): Refusal | null {
  if (state.rules.automatic) return null;
  return {
    rule: 'automatic.off',
    reason: 'failover.automatic is false for this service',
    remedy: `Decide yourself: oneup switchover ${state.rules.id}`,
  };
}

function inMaintenance(state: MachineState, active: NodeId, now: Now): Refusal | null {
  const entry = state.service.maintenance ?? state.service.nodeMaintenance[active];
  if (entry === undefined || entry === null) return null;
  const since = state.local.maintenanceSinceMonoMs ?? now.monoMs;
  const expired = now.monoMs - since > entry.expiresAfterMs;
  return {
    rule: expired ? 'S35.maintenance-expired' : 'S35.maintenance',
    reason: expired ? `maintenance has expired: ${entry.reason}` : `in maintenance: ${entry.reason}`,
    remedy: `End it with oneup maintenance off ${state.rules.id}`,
  };
}

function inStartupGrace(state: MachineState, _active: NodeId, now: Now): Refusal | null {
  const leftMs = state.local.termSinceMonoMs + state.rules.startupGraceMs - now.monoMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'S9.startup-grace',
    reason: `this controller is new and waits before it decides anything`,
    remedy: 'It goes on by itself',
  };
}

function massFailure(state: MachineState): Refusal | null {
  const { brake } = state.local.view;
  if (brake === null) return null;
  return {
    rule: 'S36.mass-failure',
    reason: brake,
    remedy: 'Look for a common cause, usually the network of the probers; a switchover by hand is possible',
  };
}

function inCooldown(state: MachineState, _active: NodeId, now: Now): Refusal | null {
  const { cooldown } = state.service;
  if (cooldown === null) return null;
  const leftMs = (state.local.firstSeenMonoMs[cooldown.opId] ?? now.monoMs) + state.rules.cooldownMs - now.monoMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'S36.cooldown',
    reason: `operation ${cooldown.opId} was less than ${formatDuration(state.rules.cooldownMs)} ago`,
    remedy: `Find out why it fails again; oneup switchover ${state.rules.id} is not held by the cooldown`,
  };
}

function overBudget(state: MachineState, _active: NodeId, now: Now): Refusal | null {
  const { count, perMs } = state.rules.budget;
  const recent = state.service.automaticOps.filter(
    (known) => now.monoMs - (state.local.firstSeenMonoMs[known.opId] ?? now.monoMs) < perMs,
  );
  if (recent.length < count) return null;
  return {
    rule: 'S36.budget',
    reason: `${recent.length} automatic operations in ${formatDuration(perMs)}, the budget is ${count}`,
    remedy: `Find out why it fails again and again; oneup switchover ${state.rules.id} is not held by the budget`,
  };
}

function noCandidate(state: MachineState, active: NodeId, now: Now): Refusal | null {
  const { eligible, excluded } = candidates(state, [active]);
  const unready = eligible.filter((id) => isFreshlyUnready(state, id, now));
  if (eligible.length > unready.length) return null;
  // Without this the operation would be planned, refused by PRECHECK and planned again without end.
  if (unready.length > 0) {
    return {
      rule: 'S32.precheck-failed',
      reason: unready.map((id) => `node ${id} is not ready: ${state.local.prechecks[id]?.reason}`).join('; '),
      remedy: 'Make a node ready; its precheck action says when it is, and it is asked again',
    };
  }
  const [first] = excluded;
  return {
    rule: 'candidate.none',
    reason: `no other node can be started${first === undefined ? '' : `: ${excluded.map((entry) => entry.refusal.reason).join('; ')}`}`,
    remedy: first?.refusal.remedy ?? 'Add a node to the service',
  };
}

function isFreshlyUnready(state: MachineState, node: NodeId, now: Now): boolean {
  const known = state.local.prechecks[node];
  return known !== undefined && !known.ok && now.monoMs - known.atMonoMs <= state.rules.precheckMaxAgeMs;
}
