// What operators ask of an active-active service: nodes in and out of the answer, maintenance, and the retry of a resync.
// Nothing moves here, so the commands that move a service are refused by name.
import type { NodeId } from '../../base/ids.ts';
import { findNode, isReply, notFree, refused } from '../command-guards.ts';
import { createOperation } from '../create-operation.ts';
import type { CommandReply, MachineCommand } from '../machine-command.ts';
import { noteMaintenanceBegins } from '../maintenance-expiry.ts';
import { repairRecord } from '../mend-record.ts';
import { acknowledge, adoptRecord, freeze } from '../operator-commands.ts';
import { orderCommand } from '../orders.ts';
import type { MachineState, Maintenance } from '../service-state.ts';
import { patchLocal, patchService, type Transition } from '../transition.ts';
import { leave } from './change-members.ts';
import { healthyNodes, memberOf, setMember, setRules, verifiedNodes } from './members.ts';
import { beginReturn } from './run-operation.ts';

type Of<K extends MachineCommand['kind']> = Extract<MachineCommand, { kind: K }>;

export function handleSetCommand(t: Transition, actor: string, command: MachineCommand): CommandReply {
  switch (command.kind) {
    case 'drain':
      return drain(t, actor, command);
    case 'undrain':
      return undrain(t, actor, command);
    case 'rejoin':
      return rejoin(t, actor, command);
    case 'maintenance':
      return maintenance(t, actor, command);
    case 'freeze':
      return freeze(t, actor, command);
    case 'ack':
      return acknowledge(t, actor);
    case 'adoptRecord':
      return adoptRecord(t, command);
    case 'repairRecord':
      return repairRecord(t, actor, command);
    case 'continue':
      return orderCommand(t, actor, command);
    default:
      return refused(
        'mode.active-active',
        `service ${t.state.rules.id} is active-active, which ${command.kind} does not go with`,
        'Take a node out with oneup drain, or put it in maintenance',
      );
  }
}

/** Free for an operation on this node, or why not. */
function notReady(t: Transition, node: NodeId): CommandReply | null {
  const found = findNode(t.state, node);
  return notFree(t.state) ?? (isReply(found) ? found : null);
}

function drain(t: Transition, actor: string, { node, reason }: Of<'drain' | 'undrain'>): CommandReply {
  const busy = notReady(t, node) ?? tooFewLeft(t.state, node);
  if (busy !== null) return busy;
  const { drained, isIn } = memberOf(t.state, node);
  if (drained !== null) {
    return refused('node.drained', `${drained.actor} drained ${node} already: ${drained.reason}`, 'Nothing to do');
  }
  setMember(t, node, { drained: { reason, actor, sinceWallMs: t.now.wallMs } });
  // What the name servers said before was about another answer.
  patchLocal(t, { propagation: null });
  if (isIn) leave(t, node, `${actor} drains it: ${reason}`);
  const op = createOperation(t, { kind: 'drain', from: node, to: null, reason, actor, rules: ['S31'], evidence: {} });
  return { kind: 'accepted', opId: op.opId, note: `${node} leaves the answer` };
}

function undrain(t: Transition, actor: string, { node, reason }: Of<'drain' | 'undrain'>): CommandReply {
  const busy = notReady(t, node);
  if (busy !== null) return busy;
  if (memberOf(t.state, node).drained === null)
    return refused('node.not-drained', `node ${node} is not drained`, 'Nothing to do');
  const op = createOperation(t, { kind: 'undrain', from: node, to: null, reason, actor, rules: [], evidence: {} });
  return { kind: 'accepted', opId: op.opId, note: `${node} answers again as soon as the quorum holds it up` };
}

/** Tries the resync of a node at once, instead of after the pause. */
function rejoin(t: Transition, actor: string, { node, reason }: Of<'rejoin'>): CommandReply {
  const busy = notReady(t, node);
  if (busy !== null) return busy;
  if (!memberOf(t.state, node).owesResync)
    return refused('node.not-failed', `node ${node} waits for no resync`, 'Nothing to do');
  const op = beginReturn(t, node, { actor, reason });
  return { kind: 'accepted', opId: op.opId, note: `${node} is resynchronised` };
}

/** S28: people do not bring a service below the number that it needs; what health does is another matter. */
function tooFewLeft(state: MachineState, node: NodeId): CommandReply | null {
  const { minHealthy } = setRules(state);
  const healthy = healthyNodes(state);
  const left = healthy.filter((id) => id !== node).length;
  const isLast = verifiedNodes(state).every((id) => id === node) && verifiedNodes(state).length > 0;
  if (!isLast && (!healthy.includes(node) || left >= minHealthy)) return null;
  return refused(
    'S28.min-healthy',
    `without ${node} ${left} of at least ${minHealthy} healthy nodes would be left`,
    'Bring another node back first, or lower minHealthy',
  );
}

function maintenance(t: Transition, actor: string, command: Of<'maintenance'>): CommandReply {
  const { on, node, reason, expiresAfterMs } = command;
  const entry: Maintenance = { reason, actor, sinceWallMs: t.now.wallMs, expiresAfterMs };
  if (node !== null) return on ? nodeOn(t, node, entry) : nodeOff(t, node);
  return on ? serviceOn(t, entry) : serviceOff(t);
}

function serviceOn(t: Transition, entry: Maintenance): CommandReply {
  patchService(t, { maintenance: entry });
  noteMaintenanceBegins(t, null);
  return { kind: 'accepted', opId: null, note: 'the service is in maintenance; DNS stays as it is' };
}

/** People were at work: what nobody sees up now has to be verified again (S19, S28). */
function serviceOff(t: Transition): CommandReply {
  if (t.state.service.maintenance === null)
    return refused('maintenance.not-set', 'the service is not in maintenance', 'Nothing to do');
  patchService(t, { maintenance: null });
  for (const { id } of t.state.rules.nodes) {
    if (t.state.local.view.nodes[id]?.up.kind !== 'agreed') setMember(t, id, { verified: null });
  }
  return { kind: 'accepted', opId: null, note: 'maintenance ended; DNS follows what the quorum sees' };
}

function nodeOn(t: Transition, node: NodeId, entry: Maintenance): CommandReply {
  const busy = notReady(t, node) ?? tooFewLeft(t.state, node);
  if (busy !== null) return busy;
  patchService(t, { nodeMaintenance: { ...t.state.service.nodeMaintenance, [node]: entry } });
  noteMaintenanceBegins(t, node);
  const { isIn, owesResync, verified } = memberOf(t.state, node);
  const hasResync = t.state.rules.nodes.some(({ id, actions }) => id === node && actions.resync !== null);
  if (isIn) leave(t, node, `maintenance by ${entry.actor}: ${entry.reason}`);
  setMember(t, node, { verified: null, owesResync: owesResync || (hasResync && verified !== null) });
  return { kind: 'accepted', opId: null, note: `node ${node} is in maintenance and leaves the answer` };
}

function nodeOff(t: Transition, node: NodeId): CommandReply {
  const busy = notReady(t, node);
  if (busy !== null) return busy;
  if (t.state.service.nodeMaintenance[node] === undefined)
    return refused('maintenance.not-set', `node ${node} is not in maintenance`, 'Nothing to do');
  const rest = Object.entries(t.state.service.nodeMaintenance).filter(([id]) => id !== node);
  patchService(t, { nodeMaintenance: Object.fromEntries(rest) });
  return { kind: 'accepted', opId: null, note: `maintenance of ${node} ended; it answers again once it is verified` };
}
