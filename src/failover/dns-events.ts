// What became of a write of DNS, or of a look at it, goes to the record that it is about: the first, or that of the second provider.
import { applyDnsOutcome } from './dns-desire.ts';
import { takeDnsLook } from './dns-drift.ts';
import type { MachineEvent } from './machine-event.ts';
import { onSecond } from './second-record.ts';
import type { Transition } from './transition.ts';

export function takeDnsEvent(t: Transition, event: Extract<MachineEvent, { kind: 'dns' | 'dnsLook' }>): void {
  const take = (record: Transition) => {
    if (event.kind === 'dns') applyDnsOutcome(record, event.seq, event.outcome);
    else takeDnsLook(record, event.seq, event.found);
  };
  if (event.isSecond === true) onSecond(t, take);
  else take(t);
}
