// The rules that hold automatic operations, in the order in which an operator would want to hear of them.
import type { Now } from '../base/clock.ts';
import { formatDuration } from '../base/duration.ts';
import type { NodeId } from '../base/ids.ts';
import { candidates } from './candidates.ts';
import { modeRefusal } from './hold.ts';
import { maintenanceExpired } from './maintenance-expiry.ts';
import type { Refusal } from './refusal.ts';
import { safetyRefusal } from './safety-rules.ts';
import type { MachineState } from './service-state.ts';
import { tooFewVotes } from './valid-votes.ts';

type RuleCheck = (state: MachineState, active: NodeId | null, now: Now) => Refusal | null;

/** Those that hold a restart in place too; it obeys neither cooldown nor budget (S36). */
const GENERAL: readonly RuleCheck[] = [automaticOff, inMode, inStartupGrace, massFailure];
const CHECKS: readonly RuleCheck[] = [...GENERAL, inCooldown, overBudget, noCandidate, againstSafety];

export function generalRefusal(state: MachineState, active: NodeId | null, now: Now): Refusal | null {
  return first(GENERAL, state, active, now);
}

export function automaticRefusal(state: MachineState, active: NodeId | null, now: Now): Refusal | null {
  return first(CHECKS, state, active, now);
}

/** Everything that would hold an automatic failover, what keeps the probers from agreeing at all first (S24). */
export function automaticRefusals(state: MachineState, active: NodeId, now: Now): readonly Refusal[] {
  const found = CHECKS.map((check) => check(state, active, now));
  return [tooFewVotes(state, active), ...found].filter((refusal) => refusal !== null);
}

function first(checks: readonly RuleCheck[], state: MachineState, active: NodeId | null, now: Now): Refusal | null {
  for (const check of checks) {
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

function inMode(state: MachineState, active: NodeId | null, now: Now): Refusal | null {
  const expired = maintenanceExpired(state, active, now);
  if (expired !== null) return expired;
  const node = active === null ? undefined : state.service.nodeMaintenance[active];
  if (node === undefined) return modeRefusal(state);
  return {
    rule: 'S35.maintenance',
    reason: `node ${active} is in maintenance: ${node.reason}`,
    remedy: `End it with oneup maintenance off ${state.rules.id} --node ${active}`,
  };
}

function inStartupGrace(state: MachineState, _active: NodeId | null, now: Now): Refusal | null {
  const leftMs = state.local.termSinceMonoMs + state.rules.startupGraceMs - now.monoMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'S9.startup-grace',
    reason: 'this controller is new and waits before it decides anything',
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

function inCooldown(state: MachineState, _active: NodeId | null, now: Now): Refusal | null {
  const { cooldown } = state.service;
  if (cooldown === null) return null;
  const leftMs = (state.local.firstSeenMonoMs[cooldown.opId] ?? now.monoMs) + state.rules.cooldownMs - now.monoMs;
  if (leftMs <= 0) return null;
  return {
    rule: 'S36.cooldown',
    reason: `operation ${cooldown.opId} was less than ${formatDuration(state.rules.cooldownMs)} ago`,
    remedy: `Find out why it fails again; oneup ack ${state.rules.id} ends the cooldown, and oneup switchover ${state.rules.id} is not held by it`,
  };
}

function overBudget(state: MachineState, _active: NodeId | null, now: Now): Refusal | null {
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

function noCandidate(state: MachineState, active: NodeId | null, now: Now): Refusal | null {
  const { eligible, excluded } = candidates(state, active === null ? [] : [active]);
  const unready = eligible.filter((id) => isFreshlyUnready(state, id, now));
  if (eligible.length > unready.length) return null;
  // Without this the operation would be planned, refused by PRECHECK and planned again without end.
  if (unready.length > 0) {
    return {
      rule: 'S32.precheck-failed',
      reason: unready.map((id) => `node ${id} is not ready: ${state.local.prechecks[id]?.reason}`).join('; '),
      remedy: `Make a node ready, or run oneup failover ${state.rules.id} --to NODE --override S32.precheck-failed`,
    };
  }
  const [foremost] = excluded;
  return {
    rule: 'candidate.none',
    reason: `no other node can be started${foremost === undefined ? '' : `: ${excluded.map((entry) => entry.refusal.reason).join('; ')}`}`,
    remedy: foremost?.refusal.remedy ?? 'Add a node to the service',
  };
}

function isFreshlyUnready(state: MachineState, node: NodeId, now: Now): boolean {
  const known = state.local.prechecks[node];
  return known !== undefined && !known.ok && now.monoMs - known.atMonoMs <= state.rules.precheckMaxAgeMs;
}

function againstSafety(state: MachineState): Refusal | null {
  return safetyRefusal(state, null);
}

/** Too few probers vote for anything to be agreed on: nobody would be told of a death otherwise (S24). */
export function quorumLost(state: MachineState, active: NodeId, now: Now): Refusal | null {
  return inStartupGrace(state, active, now) === null ? tooFewVotes(state, active) : null;
}
