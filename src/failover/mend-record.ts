// A person has the record of a service written again as oneup left it (`oneup zone repair`). It is the next guarded write that does
// it, over what the person was shown and nothing else (S27, S28).
import { answerSet } from './active-active/answer-set.ts';
import { notFree, refused } from './command-guards.ts';
import { nameOperation } from './create-operation.ts';
import type { DnsIntent } from './intent.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import { onSecond } from './second-record.ts';
import type { MachineState } from './service-state.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

type Repair = Extract<MachineCommand, { kind: 'repairRecord' }>;

/** At the provider for which it was shown. */
export function repairRecord(t: Transition, actor: string, command: Repair): CommandReply {
  if (command.isSecond !== true) return repairAt(t, actor, command);
  let reply: CommandReply = refused('S27.dns-drift', 'it has no second provider', 'Look with oneup zone repair again');
  onSecond(t, (second) => {
    reply = repairAt(second, actor, command);
  });
  return reply;
}

function repairAt(t: Transition, actor: string, { shown, reason }: Repair): CommandReply {
  const busy = notFree(t.state) ?? notAtRest(t.state);
  if (busy !== null) return busy;
  const { dns } = t.state.service;
  if (dns.confirmed === null)
    return refused('S27.dns-drift', 'oneup has not written this record yet', 'Take it over with oneup adopt --record');
  if (!isStillTheAnswer(t.state, dns.confirmed)) {
    return refused(
      'S28.last-answer',
      'what was written last names a node that is not active any more, so it is not written again',
      `Look with oneup status, and make a node active first`,
    );
  }
  const mends = { shown, actor, reason, opId: nameOperation(t), startedWallMs: t.now.wallMs };
  const { confirmed } = dns;
  const inDoubt = dns.unconfirmed.filter(({ seq }) => seq !== confirmed.seq);
  // What is in force is taken for unconfirmed, so the next write goes above it and puts everything right.
  patchService(t, { dns: { ...dns, mends, unconfirmed: [...inDoubt, confirmed] } });
  patchLocal(t, { dnsPause: null });
  const note = 'the record is written again as it was, if it still is what you were shown';
  return { kind: 'accepted', opId: mends.opId, note };
}

/** Only the tail and a write under way: they write what they have decided, and end with the record right or with a reason. */
function notAtRest({ tail, rules, service: { dns, dnsProblem } }: MachineState): CommandReply | null {
  if (tail !== null) {
    return refused(
      'S10.one-operation',
      `DNS of operation ${tail.opId} (${tail.kind} by ${tail.actor}) is in phase ${tail.phase}`,
      `Wait for it; oneup why ${rules.id} says what it waits for`,
    );
  }
  // Under drift a write, such as a repair that found something else, is only tried again: a person may be quicker (S27).
  const isInDoubt = dns.unconfirmed.length > 0 && dnsProblem?.rule !== 'S27.dns-drift';
  if (dns.mends !== undefined || dns.pending !== null || isInDoubt) {
    const by = dns.mends === undefined ? '' : `, asked for by ${dns.mends.actor}`;
    return refused(
      'S10.one-operation',
      `a write of the record is under way${by}`,
      `Wait for it; oneup why ${rules.id} says what it waits for`,
    );
  }
  return null;
}

/** S28: what was published may name a node that was fenced since; for a set, some node of it must be verified. */
export function isStillTheAnswer(state: MachineState, confirmed: DnsIntent): boolean {
  if (state.rules.activeActive !== undefined) return answerSet(state).kind !== 'last';
  return confirmed.node === state.service.active;
}
