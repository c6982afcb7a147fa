// How urgent a DNS write is: what changes the answer is a failover's, what only changes how long it may be kept can wait.
import type { DnsIntent } from '../failover/intent.ts';
import type { MachineEffect } from '../failover/machine-effect.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { CallPriority } from '../plan/call-budget.ts';

export function writePriority(
  { intent, unconfirmed }: Extract<MachineEffect, { kind: 'writeDns' }>,
  { service, op, tail }: MachineState,
): CallPriority {
  const { confirmed } = service.dns;
  const isNew = confirmed === null || [confirmed, ...unconfirmed].some((other) => !hasSameAnswer(other, intent));
  if (!isNew) return 'upkeep';
  return op?.rollback === true || tail?.rollback === true ? 'rollback' : 'failover';
}

/** An epoch is part of the answer: it is what refuses the writes of those before (S26). */
function hasSameAnswer(one: DnsIntent, other: DnsIntent): boolean {
  return (
    one.node === other.node &&
    one.epoch === other.epoch &&
    JSON.stringify(one.answers) === JSON.stringify(other.answers)
  );
}
