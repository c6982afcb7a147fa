// Somebody else changed the record of a service: it is told, and mended only where the configuration asks for that (S27). A look
// that is older than the last write means nothing.

import { setProblem } from './dns-desire.ts';
import { modeRefusal } from './hold.ts';
import type { DnsIntent } from './intent.ts';
import type { DnsFound } from './machine-event.ts';
import { isStillTheAnswer } from './mend-record.ts';
import type { MachineState } from './service-state.ts';
import { patchService, type Transition } from './transition.ts';

const MENDS = 'It is written again as it was; find out who changed it';
const LEAVES =
  'Find out who changed it; then oneup zone repair writes it again as it was, or repairDrift of the record does so by itself';

export function takeDnsLook(t: Transition, seq: number, found: DnsFound): void {
  const { dns, dnsProblem } = t.state.service;
  const { confirmed } = dns;
  if (confirmed?.seq !== seq || dns.pending !== null || dns.unconfirmed.length > 0) return;
  if (found.kind === 'asWritten') {
    if (dnsProblem?.rule === 'S27.dns-drift') patchService(t, { dnsProblem: null });
    return;
  }
  const mends = t.state.rules.repairsDrift && found.isMendable && mayNameAgain(t.state, confirmed);
  setProblem(t, { rule: 'S27.dns-drift', reason: found.reason, remedy: mends ? MENDS : LEAVES });
  // What is in force is taken for unconfirmed, so the next write goes above it and puts everything right.
  if (mends) patchService(t, { dns: { ...dns, unconfirmed: [confirmed] } });
}

/**
 * S28: what was published may name a node that was fenced since, and an operation writes what it has decided itself. So it is
 * named again only while nothing moves and it still is the answer.
 */
function mayNameAgain(state: MachineState, confirmed: DnsIntent): boolean {
  if (modeRefusal(state) !== null || state.op !== null || state.tail !== null) return false;
  return isStillTheAnswer(state, confirmed);
}
