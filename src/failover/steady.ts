// What goes on between operations: how long the active has been stable, and standbys that are prechecked before they are needed.
import { steadyOfSet } from './active-active/conditions.ts';
import { exhausted } from './alerts.ts';
import { conflicting } from './conflict.ts';
import type { RuleId } from './refusal.ts';
import { dnsProblems } from './second-record.ts';
import type { MachineState } from './service-state.ts';
import { ask, patchLocal, patchService, type Transition } from './transition.ts';

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

/** Pause between two prechecks of a node that is needed now. */
const AWAITED_EVERY_MS = 1_000;

/** A precheck is renewed at half of its allowed age, so that a failover finds a fresh one (S32). */
export function refreshPrechecks(t: Transition): void {
  const { rules, service, local } = t.state;
  // A service that was never started has nobody to take over from; one that lost its active wants to know who is ready.
  if (service.maintenance !== null || (service.active === null && service.epoch === 0)) return;
  for (const node of rules.nodes) {
    const timeoutMs = node.actions.precheck;
    if (timeoutMs === null || node.id === service.active || !mayBeAsked(t.state, node.id)) continue;
    const known = local.prechecks[node.id];
    // While the active is down and this is all that is missing, nobody waits for the usual turn.
    const isAwaited = known?.ok === false && service.refusal?.rule === 'S32.precheck-failed';
    const restMs = isAwaited ? Math.min(AWAITED_EVERY_MS, rules.precheckMaxAgeMs / 2) : rules.precheckMaxAgeMs / 2;
    if (known !== undefined && t.now.monoMs - known.atMonoMs < restMs) continue;
    ask(t, { kind: 'precheck', node: node.id, timeoutMs });
  }
}

/** Pause between two looks at name servers that did not answer anew. */
const LAGGARDS_EVERY_MS = 10_000;

/** A name server that comes back later is not called late for ever: it is asked again while nothing else is going on. */
export function recheckLaggards(t: Transition): void {
  const { service, local, op, tail } = t.state;
  const { confirmed } = service.dns;
  if (service.laggards.length === 0 || op !== null || tail !== null || confirmed === null) return;
  if (t.now.monoMs - local.laggardsAskedAtMonoMs < LAGGARDS_EVERY_MS) return;
  patchLocal(t, { laggardsAskedAtMonoMs: t.now.monoMs });
  ask(t, { kind: 'propagation', epoch: confirmed.epoch });
}

function mayBeAsked(state: MachineState, node: string): boolean {
  return state.service.failed[node] === undefined && state.service.nodeMaintenance[node] === undefined;
}

/** One word for what a service is doing, as `status` shows it. */
export type Steady =
  | 'unassigned'
  | 'active'
  | 'suspect'
  | 'restarting'
  | 'operation'
  | 'degraded'
  | 'blocked'
  | 'conflict'
  | 'exhausted';

const BLIND: readonly RuleId[] = ['S22.references-lost', 'S24.quorum-pending'];

export function steadyOf(state: MachineState): Steady {
  if (state.rules.activeActive !== undefined) return steadyOfSet(state);
  const { op, tail, service, local } = state;
  if (op !== null && op.blocked !== null) return 'blocked';
  if (op !== null) return op.kind === 'restart' ? 'restarting' : 'operation';
  if (conflicting(state).length > 0) return 'conflict';
  if (exhausted(state) !== null) return 'exhausted';
  if (service.active === null) return service.refusal === null ? 'unassigned' : 'blocked';
  // The active serves, and nobody could decide if it did not.
  if (service.refusal !== null && BLIND.includes(service.refusal.rule)) return 'degraded';
  if (service.refusal !== null) return 'blocked';
  if (dnsProblems(state).length > 0 || tail?.blocked || service.laggards.length > 0) return 'degraded';
  return (local.view.nodes[service.active]?.suspectedBy.length ?? 0) > 0 ? 'suspect' : 'active';
}
