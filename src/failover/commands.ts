// What operators ask for: accepted with an operation, or refused by a rule with the next step. Never half.
import { assertNever } from '../base/assert-never.ts';
import type { NodeId } from '../base/ids.ts';
import { findNode, isReply, notFree, refused } from './command-guards.ts';
import { testFence } from './fence-test.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import { maintenanceCommand } from './maintenance.ts';
import { repairRecord } from './mend-record.ts';
import {
  answeringNodes,
  begin,
  drill,
  failback,
  forcedFailover,
  schedule,
  switchover,
  unschedule,
} from './move-commands.ts';
import type { Operation } from './operation.ts';
import { preparesOnly } from './operation-kinds.ts';
import { acknowledge, adoptRecord, clearFailures, freeze, gate, repair } from './operator-commands.ts';
import { letGoOn, orderCommand } from './orders.ts';
import { proveDown, recordDown } from './proof.ts';
import { strayHolder } from './stray-holder.ts';
import { note, patchService, type Transition } from './transition.ts';

type Of<K extends MachineCommand['kind']> = Extract<MachineCommand, { kind: K }>;

export function handleCommand(t: Transition, actor: string, command: MachineCommand): CommandReply {
  switch (command.kind) {
    case 'switchover':
      return switchover(t, actor, command);
    case 'failover':
      return forcedFailover(t, actor, command);
    case 'schedule':
      return schedule(t, actor, command);
    case 'unschedule':
      return unschedule(t);
    case 'failback':
      return failback(t, actor, command);
    case 'drill':
      return drill(t, actor, command);
    case 'abort':
    case 'rollback':
    case 'continue':
      return orderCommand(t, actor, command);
    case 'freeze':
      return freeze(t, actor, command);
    case 'gate':
      return gate(t, actor, command);
    case 'ack':
      return acknowledge(t, actor);
    case 'clearFailures':
      return clearFailures(t, command);
    case 'repair':
      return repair(t, actor, command);
    case 'adopt':
      return adopt(t, actor, command);
    case 'adoptRecord':
      return adoptRecord(t, command);
    case 'repairRecord':
      return repairRecord(t, actor, command);
    case 'rejoin':
      return rejoin(t, actor, command);
    case 'fenceTest':
      return testFence(t, actor, command);
    case 'confirmDown':
      return confirmDown(t, actor, command);
    case 'drain':
    case 'undrain':
      return refused(
        'mode.active-passive',
        `service ${t.state.rules.id} is active-passive, so one node answers alone`,
        `Move it with oneup switchover ${t.state.rules.id}, which drains the old node first`,
      );
    case 'maintenance':
      return maintenanceCommand(t, actor, command);
    default:
      return assertNever(command);
  }
}

/** An instance that already runs gets a grant without a restart; refused when two run (S11). */
function adopt(t: Transition, actor: string, command: Of<'adopt'>): CommandReply {
  const busy = notFree(t.state);
  if (busy !== null) return busy;
  const node = findNode(t.state, command.node);
  if (isReply(node)) return node;
  const stray = strayHolder(t.state);
  if (stray !== null) return { kind: 'refused', refusal: stray };
  const { active } = t.state.service;
  const isRevoked = active === command.node && t.state.grant?.node === active && t.state.grant.revoked;
  if (active === command.node && !isRevoked)
    return refused('node.is-active', `node ${active} holds the grant already`, 'Nothing to do');
  const answering = answeringNodes(t.state);
  const others = answering.filter((id) => id !== command.node);
  if (others.length > 0 && t.state.rules.exclusive) {
    return refused(
      'adopt.two-running',
      `${others.join(', ')} answers as active too`,
      `Stop the instance on ${others[0]} first`,
    );
  }
  if (active !== null && !isRevoked) {
    return refused(
      'adopt.two-running',
      `node ${active} holds the grant`,
      `Use oneup switchover ${t.state.rules.id} instead`,
    );
  }
  if (!answering.includes(command.node)) {
    return refused(
      'adopt.not-running',
      `no prober sees ${command.node} answering as active`,
      `Start the service with oneup switchover ${t.state.rules.id} --to ${command.node}`,
    );
  }
  return begin(t, { kind: 'adopt', from: null, to: command.node, reason: command.reason, actor });
}

function rejoin(t: Transition, actor: string, command: Of<'rejoin'>): CommandReply {
  const busy = notFree(t.state);
  if (busy !== null) return busy;
  const node = findNode(t.state, command.node);
  if (isReply(node)) return node;
  if (t.state.service.active === command.node)
    return refused('node.is-active', `node ${command.node} is the active node`, 'Nothing to do');
  const isJoining = t.state.breadcrumbs[command.node]?.kind === 'joining';
  if (t.state.service.failed[command.node] === undefined && !isJoining) {
    return refused('node.not-failed', `node ${command.node} is not marked as failed`, 'Nothing to do');
  }
  if (t.state.service.nodeMaintenance[command.node] !== undefined) {
    return refused(
      'S35.maintenance',
      `node ${command.node} is in maintenance`,
      `End it with oneup maintenance off ${t.state.rules.id} --node ${command.node}`,
    );
  }
  if ((t.state.local.view.nodes[command.node]?.answering.length ?? 0) > 0) {
    return refused(
      'S17.still-answering',
      `node ${command.node} answers as active`,
      'Stop the instance that runs there',
    );
  }
  if (isJoining) markUnsynchronised(t, command.node);
  return begin(t, { kind: 'rejoin', from: command.node, to: null, reason: command.reason, actor });
}

/** A node that joins is proven down before its resync has ended, and is no candidate until then (S7, S36). */
function markUnsynchronised(t: Transition, node: NodeId): void {
  const mark = { opId: t.state.op?.opId ?? '', why: 'its resync has not ended yet', stage: 'failed' } as const;
  const { failed } = t.state.service;
  patchService(t, { failed: { ...failed, [node]: { ...mark, rootCause: null, actor: null } } });
}

/** A restart stops first, and a node without a start action is granted without one: both may run at any moment. */
function mayStart(op: Operation, node: NodeId): boolean {
  return op.to === node && (op.startIntended || op.phase === 'START_NEW' || op.phase === 'VERIFY_NEW');
}

/** A person's word, bound to the record that the person was shown (S17). Needs no operation, and continues one. */
function confirmDown(t: Transition, actor: string, command: Of<'confirmDown'>): CommandReply {
  const node = findNode(t.state, command.node);
  if (isReply(node)) return node;
  const crumb = t.state.breadcrumbs[command.node];
  if (crumb?.kind === 'down') return { kind: 'accepted', opId: null, note: `already proven down: ${crumb.how}` };
  if ((crumb?.version ?? 0) !== command.version) {
    return refused(
      'S19.breadcrumb-changed',
      `the record of ${command.node} is version ${crumb?.version ?? 0}, you were shown ${command.version}`,
      'Look again with oneup status',
    );
  }
  const seenBy = t.state.local.view.nodes[command.node]?.answering.map((seen) => seen.prober) ?? [];
  if (seenBy.length > 0) {
    return refused(
      'S17.still-answering',
      `${command.node} answers as active, seen by ${seenBy.join(', ')}`,
      'Stop it first',
    );
  }
  if (t.state.op !== null && mayStart(t.state.op, command.node)) {
    return refused(
      'S17.start-in-flight',
      `operation ${t.state.op.opId} is starting ${command.node}, so it may run at any moment`,
      'Wait until the start has ended; oneup why says how far it is',
    );
  }
  const how = `confirmed by ${actor}: ${command.reason}`;
  if (crumb?.kind === 'joining') markUnsynchronised(t, command.node);
  const { op } = t.state;
  // Beside what only prepares a standby the active stays on record, so that its failover follows.
  const isApart = op === null || preparesOnly(op);
  if (isApart || op.intent !== null) recordDown(t, command.node, how, { keepsActive: isApart });
  else proveDown(t, command.node, how);
  if (t.state.op !== null) {
    note(t, `${actor} confirms that ${command.node} is down: ${command.reason}`, { rules: ['S17'] });
    letGoOn(t);
  }
  return { kind: 'accepted', opId: t.state.op?.opId ?? null, note: `${command.node} is recorded as down` };
}
