// Maintenance: hands off, with a reason and an expiry. Nothing is started, stopped, fenced or moved while it lasts, and what
// was proven before it is proven no longer, because people work there (S35).

import { findNode, isReply, refused } from './command-guards.ts';
import { createOperation } from './create-operation.ts';
import { modeRefusal } from './hold.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import { noteMaintenanceBegins } from './maintenance-expiry.ts';
import type { Maintenance } from './service-state.ts';
import { finish, patchOperation, patchService, setBreadcrumb, type Transition } from './transition.ts';

type MaintenanceCommand = Extract<MachineCommand, { kind: 'maintenance' }>;

export function maintenanceCommand(t: Transition, actor: string, command: MaintenanceCommand): CommandReply {
  const entry: Maintenance = {
    reason: command.reason,
    actor,
    sinceWallMs: t.now.wallMs,
    expiresAfterMs: command.expiresAfterMs,
  };
  if (command.node !== null) return command.on ? nodeOn(t, command.node, entry) : nodeOff(t, command.node, actor);
  return command.on ? serviceOn(t, entry) : serviceOff(t, actor);
}

function serviceOn(t: Transition, entry: Maintenance): CommandReply {
  forgetProofs(t, `maintenance: ${entry.reason}`);
  patchService(t, { maintenance: entry });
  noteMaintenanceBegins(t, null);
  const held = t.state.op === null ? '' : `; operation ${t.state.op.opId} stands still after its step`;
  return { kind: 'accepted', opId: null, note: `the service is in maintenance; DNS stays as it is${held}` };
}

function forgetProofs(t: Transition, why: string): void {
  for (const { id } of t.state.rules.nodes) setBreadcrumb(t, id, { kind: 'unknown', why });
}

/** Leaving is an adoption of the single instance that runs; none running starts nothing (S35, S11). */
function serviceOff(t: Transition, actor: string): CommandReply {
  if (t.state.service.maintenance === null) {
    return refused('maintenance.not-set', 'the service is not in maintenance', 'Nothing to do');
  }
  const { op: held } = t.state;
  if (held?.intent) {
    const { kind, node } = held.intent.intent;
    return refused('S10.one-operation', `the ${kind} of ${node} is still in flight`, 'Try again when it has ended');
  }
  const running = Object.entries(t.state.local.view.nodes).filter(([, view]) => view.answering.length > 0);
  if (running.length > 1) {
    const names = running.map(([node]) => node).join(', ');
    return refused('adopt.two-running', `${names} answer as active`, 'Stop all but one of them');
  }
  // Leaving is an adoption of what people left behind, so what was held is not taken up again.
  if (held !== null) finish(t, 'failed', `given up: maintenance by ${t.state.service.maintenance.actor} came between`);
  const [only] = running;
  // Also what was proven meanwhile, by a stop that was in flight or by a person's word: people were at work until now (S19).
  forgetProofs(t, 'maintenance has ended');
  patchService(t, { maintenance: null, active: null, awaitsOperator: only === undefined });
  if (only === undefined) {
    return {
      kind: 'accepted',
      opId: null,
      note: `maintenance ended; nothing runs: start it with oneup switchover ${t.state.rules.id}`,
    };
  }
  const op = createOperation(t, {
    kind: 'adopt',
    from: null,
    to: only[0],
    reason: 'maintenance ended',
    actor,
    rules: ['S35', 'S11'],
    evidence: { votes: only[1].votes },
  });
  // The drain of a move that was given up is undone before the node counts as active again.
  if (held?.drained && held.from === only[0]) patchOperation(t, { drained: true });
  return { kind: 'accepted', opId: op.opId, note: `maintenance ended; ${only[0]} is adopted` };
}

function nodeOn(t: Transition, node: string, entry: Maintenance): CommandReply {
  if (t.state.op !== null) return busy(t);
  const found = findNode(t.state, node);
  if (isReply(found)) return found;
  if (t.state.service.active === node) {
    return refused(
      'maintenance.active-node',
      `node ${node} is the active node`,
      `Move it first with oneup switchover ${t.state.rules.id}, or put the whole service in maintenance`,
    );
  }
  setBreadcrumb(t, node, { kind: 'unknown', why: `maintenance: ${entry.reason}` });
  patchService(t, { nodeMaintenance: { ...t.state.service.nodeMaintenance, [node]: entry } });
  noteMaintenanceBegins(t, node);
  return { kind: 'accepted', opId: null, note: `node ${node} is in maintenance` };
}

/** Ends, for a standby, with an acknowledged stop (S35). */
function nodeOff(t: Transition, node: string, actor: string): CommandReply {
  if (t.state.op !== null) return busy(t);
  const found = findNode(t.state, node);
  if (isReply(found)) return found;
  if (t.state.service.nodeMaintenance[node] === undefined) {
    return refused('maintenance.not-set', `node ${node} is not in maintenance`, 'Nothing to do');
  }
  if (t.state.service.active === node) return endForActive(t, node);
  const mode = modeRefusal(t.state);
  if (mode !== null) return { kind: 'refused', refusal: mode };
  const rest = Object.entries(t.state.service.nodeMaintenance).filter(([id]) => id !== node);
  patchService(t, { nodeMaintenance: Object.fromEntries(rest) });
  setBreadcrumb(t, node, { kind: 'unknown', why: 'maintenance has ended' });
  const op = createOperation(t, {
    kind: 'release',
    from: node,
    to: null,
    reason: 'maintenance ended',
    actor,
    rules: ['S35'],
    evidence: {},
  });
  return { kind: 'accepted', opId: op.opId, note: `maintenance of ${node} ends with an acknowledged stop` };
}

/** A running operation rests on what is recorded of each node, so the records of one node wait for its end (S10). */
function busy({ state }: Transition): CommandReply {
  const { op, rules } = state;
  return refused(
    'S10.one-operation',
    `operation ${op?.opId} (${op?.kind} by ${op?.actor}) is in phase ${op?.phase}`,
    `Wait for it, or put the whole service in maintenance: oneup why ${rules.id} says what it waits for`,
  );
}

/** It became active while it was marked, by an adoption: only the mark goes, nothing is stopped. */
function endForActive(t: Transition, node: string): CommandReply {
  const rest = Object.entries(t.state.service.nodeMaintenance).filter(([id]) => id !== node);
  patchService(t, { nodeMaintenance: Object.fromEntries(rest) });
  return {
    kind: 'accepted',
    opId: null,
    note: `maintenance of ${node} ended; it is the active node and is left alone`,
  };
}
