// Proof that a node is down, and its end: the only places where breadcrumbs become `down` or `unknown` (S17, S19).
import type { NodeId } from '../base/ids.ts';
import type { MachineState } from './service-state.ts';
import { saysRunning } from './swept-status.ts';
import { note, operationIn, patchOperation, patchService, setBreadcrumb, type Transition } from './transition.ts';

/** Records proof gained in this operation: it stands until a grant, `recover`, maintenance or a sign of activity (S19). */
export function proveDown(t: Transition, node: NodeId, how: string): void {
  const op = operationIn(t);
  note(t, `Node ${node} is proven down: ${how}`, { rules: ['S17', 'S19'], evidence: { node, how } });
  recordDown(t, node, how);
  patchOperation(t, { clear: op.clear.filter((id) => id !== node) });
}

/** The record itself, also for a person's word outside an operation. */
export function recordDown(
  t: Transition,
  node: NodeId,
  how: string,
  options: { readonly keepsActive?: boolean } = {},
): void {
  const revision = t.state.local.view.revision;
  setBreadcrumb(t, node, { kind: 'down', how, wallMs: t.now.wallMs, revision });
  if (t.state.service.active === node && options.keepsActive !== true) patchService(t, { active: null });
  const grant = t.state.grant;
  if (grant?.node === node) t.state = { ...t.state, grant: { ...grant, revoked: true } };
}

/** Probers that have seen the node answering as active since its proof was recorded, its agent and its status action if they say so (S19). */
function signsOfActivity(state: MachineState, node: NodeId): readonly string[] {
  const crumb = state.breadcrumbs[node];
  const { answering = [], reported } = state.local.view.nodes[node] ?? {};
  const byItself = saysRunning(state, node) ? ['its own status'] : [];
  if (crumb?.kind === 'joining') return [...answering.map((seen) => seen.prober), ...byItself];
  if (crumb?.kind !== 'down') return [];
  const said = reported === undefined || reported.revision <= crumb.revision ? [] : [`agent ${reported.agent}`];
  return [
    ...answering.filter((seen) => seen.revision > crumb.revision).map((seen) => seen.prober),
    ...said,
    ...byItself,
  ];
}

/** A sign of activity voids the proof: the breadcrumb becomes `unknown` (S19). */
export function voidProofs(t: Transition): void {
  for (const node of t.state.rules.nodes) {
    const seenBy = signsOfActivity(t.state, node.id);
    if (seenBy.length === 0 || !t.state.rules.exclusive) continue;
    setBreadcrumb(t, node.id, { kind: 'unknown', why: `answered as active, seen by ${seenBy.join(', ')}` });
    if (t.state.op !== null) {
      note(t, `Node ${node.id} answers as active although it was proven down`, {
        rules: ['S19'],
        evidence: { node: node.id, seenBy },
      });
    }
  }
}
