// Commands that move nothing: freeze, gates, acknowledgements, cleared failures, and the repair of a failed node.
import { findNode, isReply, refused } from './command-guards.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import { onEachRecord } from './second-record.ts';
import type { Mode } from './service-state.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

type Of<K extends MachineCommand['kind']> = Extract<MachineCommand, { kind: K }>;

function mode(t: Transition, actor: string, reason: string): Mode {
  return { reason, actor, sinceWallMs: t.now.wallMs };
}

function accepted(note: string): CommandReply {
  return { kind: 'accepted', opId: null, note };
}

/** What is in flight ends; then everything stands still until it is released (S35). */
export function freeze(t: Transition, actor: string, { on, reason }: Of<'freeze'>): CommandReply {
  const { frozen } = t.state.service;
  if (!on) {
    if (frozen === null) return refused('maintenance.not-set', 'the service is not frozen', 'Nothing to do');
    patchService(t, { frozen: null });
    return accepted(`the freeze of ${frozen.actor} has ended`);
  }
  if (frozen !== null) return accepted(`frozen already by ${frozen.actor}: ${frozen.reason}`);
  patchService(t, { frozen: mode(t, actor, reason) });
  return accepted('frozen: no operation begins, and a running one stands still after its step');
}

export function gate(t: Transition, actor: string, { gate: name, open, reason }: Of<'gate'>): CommandReply {
  const { rules, service } = t.state;
  if (!rules.gates.includes(name)) {
    const known = rules.gates.length === 0 ? 'none' : rules.gates.join(', ');
    return refused('gate.unknown', `service ${rules.id} has no gate ${name}`, `Its gates are: ${known}`);
  }
  const rest = Object.fromEntries(Object.entries(service.closedGates).filter(([id]) => id !== name));
  patchService(t, { closedGates: open ? rest : { ...rest, [name]: mode(t, actor, reason) } });
  return accepted(`gate ${name} is ${open ? 'open' : 'closed: no move begins'}`);
}

/** A person knows: alerts fall silent until something new happens, and the cooldown ends (orchestrator's ack). */
export function acknowledge(t: Transition, actor: string): CommandReply {
  const { alerts, cooldown } = t.state.service;
  const open = alerts.filter(({ ackedBy }) => ackedBy === null);
  patchService(t, { alerts: alerts.map((entry) => ({ ...entry, ackedBy: entry.ackedBy ?? actor })), cooldown: null });
  const brake = cooldown === null ? '' : '; the cooldown has ended';
  return accepted(`${open.length} alerts acknowledged${brake}`);
}

/** Only the next write is allowed to, and only over what was shown: whatever else stands there by then is drift (S11, S27). */
export function adoptRecord(t: Transition, { shown }: Of<'adoptRecord'>): CommandReply {
  onEachRecord(t, (record) => {
    patchService(record, { dns: { ...record.state.service.dns, takesOver: shown } });
    patchLocal(record, { dnsPause: null });
  });
  return accepted('the next write takes the record over, if it still is what you were shown');
}

export function clearFailures(t: Transition, { node }: Of<'clearFailures'>): CommandReply {
  if (node === null) {
    patchService(t, { failures: {} });
    return accepted('the failures of every node are cleared');
  }
  const found = findNode(t.state, node);
  if (isReply(found)) return found;
  const { failures } = t.state.service;
  patchService(t, { failures: Object.fromEntries(Object.entries(failures).filter(([id]) => id !== node)) });
  return accepted(`${failures[node]?.length ?? 0} failures of ${node} are cleared`);
}

/** Somebody works on a failed node; what was found stays with the incident until the node rejoins. */
export function repair(t: Transition, actor: string, { node, rootCause }: Of<'repair'>): CommandReply {
  const found = findNode(t.state, node);
  if (isReply(found)) return found;
  const failed = t.state.service.failed[node];
  if (failed === undefined) return refused('node.not-failed', `node ${node} is not marked as failed`, 'Nothing to do');
  const next = { ...failed, stage: 'repairing', actor, rootCause: rootCause ?? failed.rootCause } as const;
  patchService(t, { failed: { ...t.state.service.failed, [node]: next } });
  return accepted(`${actor} repairs ${node}; bring it back with oneup rejoin ${t.state.rules.id} --node ${node}`);
}
