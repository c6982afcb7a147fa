// Moves that were decided on before: a scheduled switchover, the way back of a live drill, a failback in its window.
import { automaticRefusal } from './automatic-rules.ts';
import { notStartable } from './candidates.ts';
import { createOperation } from './create-operation.ts';
import { dnsHold } from './dns-hold.ts';
import { isFailbackWindowOpen } from './failback-window.ts';
import { modeRefusal } from './hold.ts';
import { switchover } from './move-commands.ts';
import { preferredNode } from './preferred-node.ts';
import type { Refusal } from './refusal.ts';
import { safetyRefusal } from './safety-rules.ts';
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';
import { unhealthyTarget } from './standby-health.ts';
import { alert, patchService, type Transition } from './transition.ts';

/** A schedule that is missed by more than this is dropped: nobody expects it any more. */
const LATE_MAX_MS = 30_000;

export function considerPlanned(t: Transition): boolean {
  if (t.state.tail !== null) return false;
  return considerSchedule(t) || considerDrillReturn(t) || considerFailback(t);
}

function considerSchedule(t: Transition): boolean {
  const { scheduled } = t.state.service;
  if (scheduled === null || t.now.wallMs < scheduled.atWallMs) return false;
  patchService(t, { scheduled: null });
  const lateMs = t.now.wallMs - scheduled.atWallMs;
  const reply =
    lateMs > LATE_MAX_MS
      ? ({ kind: 'refused', refusal: missed(t.state, lateMs) } as const)
      : switchover(t, scheduled.actor, { kind: 'switchover', ...scheduled });
  if (reply.kind === 'refused') tellDropped(t, 'the scheduled switchover', reply.refusal);
  return true;
}

function missed(state: MachineState, lateMs: number): Refusal {
  return {
    rule: 'schedule.missed',
    reason: `its time passed ${Math.round(lateMs / 1_000)} s ago`,
    remedy: `Schedule it again, or run oneup switchover ${state.rules.id} now`,
  };
}

function tellDropped(t: Transition, what: string, refusal: Refusal): void {
  const subject = `${t.state.rules.id}: ${what} is dropped, ${refusal.reason}`;
  alert(t, { level: 'warning', subject, refusal });
}

/** The service has been stable at the other place for as long as the drill wanted. */
function considerDrillReturn(t: Transition): boolean {
  const { drill, active } = t.state.service;
  if (drill === null) return false;
  if (active !== drill.from) {
    patchService(t, { drill: null });
    const reason = `${active ?? 'no node'} is active, the drill had moved to ${drill.from}`;
    tellDropped(t, 'the way back of the drill', { rule: 'switchover.from-differs', reason, remedy: 'Nothing to do' });
    return true;
  }
  const since = t.state.local.stableSinceMonoMs;
  if (since === null || t.now.monoMs - since < drill.holdMs || modeRefusal(t.state) !== null) return false;
  // Its way back is dropped by no failed write that is tried again in a moment.
  if (dnsHold(t.state, { from: active, to: drill.to }) !== null) return false;
  patchService(t, { drill: null });
  const command = {
    kind: 'switchover',
    from: drill.from,
    to: drill.to,
    reason: `the drill ends: ${drill.reason}`,
  } as const;
  const reply = switchover(t, drill.actor, command, 'drill');
  if (reply.kind === 'refused') tellDropped(t, 'the way back of the drill', reply.refusal);
  return true;
}

function considerFailback(t: Transition): boolean {
  const { rules, service } = t.state;
  if (service.failbackWindow === null || rules.failback !== 'window') return false;
  const preferred = preferredNode(t.state);
  if (!isFailbackWindowOpen(service, t.now)) {
    patchService(t, { failbackWindow: null });
    return true;
  }
  if (preferred === null || preferred.id === service.active) return false;
  if (failbackRefusal(t, preferred) !== null) return false;
  patchService(t, { failbackWindow: null });
  createOperation(t, {
    kind: 'failback',
    from: service.active,
    to: preferred.id,
    reason: `the failback window is open and ${preferred.id} is preferred`,
    actor: 'oneup',
    rules: ['S36'],
    evidence: {},
  });
  return true;
}

/** Stable for long enough, the preferred node startable, and nothing that holds an automatic operation. */
function failbackRefusal(t: Transition, preferred: NodeRules): Refusal | true | null {
  const { rules, service, local } = t.state;
  const since = local.stableSinceMonoMs;
  if (service.active === null || since === null || t.now.monoMs - since < rules.stableForMs) return true;
  return (
    notStartable(t.state, preferred) ??
    unhealthyTarget(t.state, preferred.id) ??
    safetyRefusal(t.state, preferred.id) ??
    dnsHold(t.state, { from: service.active, to: preferred.id }) ??
    automaticRefusal(t.state, service.active, t.now)
  );
}
