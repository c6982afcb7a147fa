// What goes on between operations: how long the active has been stable, and standbys that are prechecked before they are needed.
import { formatDuration } from '../base/duration.ts';
import type { AgedOperation, MachineState } from './service-state.ts';
import { alert, ask, block, patchLocal, patchService, type Transition } from './transition.ts';

/** Stable: the quorum holds the active up and nobody suspects it, for `stableFor` without a break. */
export function noteStability(t: Transition): void {
  const { active } = t.state.service;
  const view = active === null ? undefined : t.state.local.view.nodes[active];
  const calm = view?.up.kind === 'agreed' && view.suspectedBy.length === 0 && t.state.op === null;
  const since = calm ? (t.state.local.stableSinceMonoMs ?? t.now.monoMs) : null;
  if (since !== t.state.local.stableSinceMonoMs) patchLocal(t, { stableSinceMonoMs: since });
  const reached = since !== null && t.now.monoMs - since >= t.state.rules.stableForMs;
  if (reached && t.state.service.settling) patchService(t, { settling: false });
}

/**
 * A cooldown or a spent budget that has run out is taken out of the records: ages are only known to the controller that
 * measured them (S1), and the next one would count from the beginning again.
 */
export function expireBrakes(t: Transition): void {
  const { rules, service, local } = t.state;
  const ageMs = (opId: string) => t.now.monoMs - (local.firstSeenMonoMs[opId] ?? t.now.monoMs);
  if (service.cooldown !== null && ageMs(service.cooldown.opId) >= rules.cooldownMs) {
    patchService(t, { cooldown: null });
  }
  const counted = service.automaticOps.filter(({ opId }) => ageMs(opId) < rules.budget.perMs);
  noteAges(t, ageMs);
  if (counted.length < service.automaticOps.length) patchService(t, { automaticOps: counted });
  noteAges(t, ageMs);
}

/** How far an age is written down: a new controller counts on from there, and loses no more than this. */
const AGE_STEP_MS = 300_000;

function noteAges(t: Transition, ageMs: (opId: string) => number): void {
  const { cooldown, automaticOps } = t.state.service;
  const known = [...automaticOps, ...(cooldown === null ? [] : [cooldown])];
  if (!known.some(({ opId, agedMs }) => ageMs(opId) - agedMs >= AGE_STEP_MS)) return;
  const aged = ({ opId }: AgedOperation): AgedOperation => ({ opId, agedMs: Math.floor(ageMs(opId)) });
  patchService(t, { cooldown: cooldown === null ? null : aged(cooldown), automaticOps: automaticOps.map(aged) });
}

/** Nothing hangs in silence: an operation that is too old is shown as blocked, and goes on all the same (S34). */
function tellAge(t: Transition): void {
  const { op, local, rules } = t.state;
  if (op === null || op.blocked !== null || t.now.monoMs - local.opSinceMonoMs < op.rules.opMaxAgeMs) return;
  block(t, {
    rule: 'S34.operation-too-old',
    reason: `the operation has been running for more than ${formatDuration(op.rules.opMaxAgeMs)}`,
    remedy: `See with oneup why ${rules.id} what it waits for; it goes on as soon as that comes`,
  });
}

/** Pause between two alerts of one blocked operation (S34). */
const ALERT_REPEAT_MS = 300_000;

/** A blocked operation is told again and again: the first alert may have reached nobody (S34). */
export function repeatAlerts(t: Transition): void {
  tellAge(t);
  const { op, local, rules } = t.state;
  if (op === null || op.blocked === null) {
    if (local.blockedAlertAtMonoMs !== 0) patchLocal(t, { blockedAlertAtMonoMs: 0 });
    return;
  }
  const toldAtMonoMs = local.blockedAlertAtMonoMs;
  if (toldAtMonoMs !== 0 && t.now.monoMs - toldAtMonoMs < ALERT_REPEAT_MS) return;
  patchLocal(t, { blockedAlertAtMonoMs: t.now.monoMs });
  if (toldAtMonoMs === 0) return;
  alert(t, { level: 'critical', subject: `${rules.id}: still blocked, ${op.blocked.reason}`, refusal: op.blocked });
}

/** A precheck is renewed at half of its allowed age, so that a failover finds a fresh one (S32). */
export function refreshPrechecks(t: Transition): void {
  const { rules, service, local } = t.state;
  if (service.active === null || service.maintenance !== null) return;
  for (const node of rules.nodes) {
    const timeoutMs = node.actions.precheck;
    if (timeoutMs === null || node.id === service.active || !mayBeAsked(t.state, node.id)) continue;
    const known = local.prechecks[node.id];
    if (known !== undefined && t.now.monoMs - known.atMonoMs < rules.precheckMaxAgeMs / 2) continue;
    ask(t, { kind: 'precheck', node: node.id, timeoutMs });
  }
}

function mayBeAsked(state: MachineState, node: string): boolean {
  return state.service.failed[node] === undefined && state.service.nodeMaintenance[node] === undefined;
}

/** One word for what a service is doing, as `status` shows it. */
export type Steady =
  | 'unassigned'
  | 'active'
  | 'suspect'
  | 'operation'
  | 'degraded'
  | 'blocked'
  | 'conflict'
  | 'exhausted';

export function steadyOf(state: MachineState): Steady {
  const { op, tail, service, local } = state;
  const answering = Object.entries(local.view.nodes).filter(([, view]) => view.answering.length > 0);
  if (op !== null) return op.blocked === null ? 'operation' : 'blocked';
  if (state.rules.exclusive && answering.length > 1) return 'conflict';
  if (service.active === null) return Object.keys(service.failed).length > 0 ? 'exhausted' : 'unassigned';
  if (service.refusal !== null) return 'blocked';
  if (service.dnsProblem !== null || tail?.blocked || service.laggards.length > 0) return 'degraded';
  return (local.view.nodes[service.active]?.suspectedBy.length ?? 0) > 0 ? 'suspect' : 'active';
}
