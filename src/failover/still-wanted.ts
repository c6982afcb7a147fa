// Whether a DNS write that has waited for its turn may still be sent: what was verified when it was wished for may have failed
// or been fenced since (S28), and then the machine wishes anew.
import { desiredAnswer } from './active-active/answer-set.ts';
import { desiredDns } from './dns-desire.ts';
import type { DnsIntent } from './intent.ts';
import type { MachineState } from './service-state.ts';

/** The TTL may have changed meanwhile: the next write puts it right. */
export function isStillWanted(state: MachineState, intent: DnsIntent): boolean {
  const { service } = state;
  if (service.dns.pending?.seq !== intent.seq) return false;
  // It was not sent, so it is no answer that could be kept.
  const before = { ...state, service: { ...service, dns: { ...service.dns, pending: null } } };
  const wish = state.rules.activeActive === undefined ? desiredDns(before) : desiredAnswer(before);
  return (
    wish !== null &&
    wish.node === intent.node &&
    wish.epoch === intent.epoch &&
    JSON.stringify(wish.answers) === JSON.stringify(intent.answers)
  );
}
