// The record of a service at its second provider. It follows what the machine wishes DNS to say with a state of its own: own
// writes, own problem, own pause. So one provider is written while the other is away, and every rule of the first record (S26,
// S27, S28) holds for the second, because the same code runs on it.
import type { DnsRecord, SecondLocal, SecondRecord } from './dns-record.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import type { Transition } from './transition.ts';

const EMPTY_SECOND_LOCAL: SecondLocal = {
  dnsPause: null,
  dnsRefused: null,
  dnsFailures: 0,
  lowTtlSinceMonoMs: null,
};

/** What is on record of the second provider; null where the service has none. */
export function secondRecord(state: MachineState): SecondRecord | null {
  const { second } = state.rules;
  if (second === undefined) return null;
  // It counts on from the first one: whatever a forgotten service left there under this name has a lower number (S26).
  const fresh: DnsRecord = { confirmed: null, pending: null, unconfirmed: [], seq: state.service.dns.seq };
  return state.service.seconds?.[second.place] ?? { dns: fresh, dnsProblem: null };
}

/** The state as it would be if the second provider were the only one; null where there is none. */
export function asSecond(state: MachineState): MachineState | null {
  const { rules, service, local } = state;
  const record = secondRecord(state);
  if (rules.second === undefined || record === null) return null;
  const { ttl, provider } = rules.second;
  return {
    ...state,
    rules: { ...rules, ttl, writtenTo: provider },
    service: { ...service, ...record },
    local: { ...local, ...(local.second ?? EMPTY_SECOND_LOCAL) },
  };
}

/** For what is the same at both. */
export function onEachRecord(t: Transition, run: (record: Transition) => void): void {
  run(t);
  onSecond(t, run);
}

/** Runs what is written for the first record on the second one. True when that has moved something. */
export function onSecond(t: Transition, run: (second: Transition) => unknown): boolean {
  const before = asSecond(t.state);
  if (before === null) return false;
  const u: Transition = { ...t, state: before, effects: [] };
  const hasMoved = run(u) === true;
  t.state = withSecond(t.state, { before, after: u.state });
  t.effects.push(...u.effects.map((effect) => (effect.kind === 'writeDns' ? { ...effect, isSecond: true } : effect)));
  return hasMoved;
}

/** Nothing but what belongs to the record is taken over: an operation, an epoch or an active is not the second's to change. */
function withSecond(
  state: MachineState,
  { before, after }: { readonly before: MachineState; readonly after: MachineState },
): MachineState {
  const { second } = state.rules;
  if (second === undefined || before === after) return state;
  const { dns, dnsProblem } = after.service;
  const { dnsPause, dnsRefused, dnsFailures, lowTtlSinceMonoMs } = after.local;
  const local = { ...state.local, second: { dnsPause, dnsRefused, dnsFailures, lowTtlSinceMonoMs } };
  if (dns === before.service.dns && dnsProblem === before.service.dnsProblem) return { ...state, local };
  const seconds = { ...state.service.seconds, [second.place]: { dns, dnsProblem } };
  // A repair has a name from the steps of the service, which only rise (S12).
  return { ...state, local, service: { ...state.service, step: after.service.step, seconds } };
}

/** Of either provider: for what is only told. */
export function dnsProblems(state: MachineState): readonly Refusal[] {
  return [state.service.dnsProblem, secondRecord(state)?.dnsProblem ?? null].filter((problem) => problem !== null);
}
