// One guarded write of a service's name (S26): read what is there, plan the change from it, apply it on the condition that it
// is still there. After a refusal the next try reads again, so every answer of the provider is judged from fresh facts (S27).

import type { MachineEffect } from '../failover/machine-effect.ts';
import type { DnsOutcome } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { planDnsWrite } from '../plan/plan-dns-write.ts';
import type { Performer } from './performer.ts';

/** Refusals in a row by somebody who is faster; more of them is reported, and tried again after a pause. */
const REFUSALS_MAX = 3;

/** A provider that says nothing for so long may have written; the next write, above this one, does not wait for it. */
const WRITE_TIMEOUT_MS = 10_000;

type WriteDns = Extract<MachineEffect, { kind: 'writeDns' }>;

/** Never rejects, and never waits longer than WRITE_TIMEOUT_MS. */
export async function writeDns(performer: Performer, effect: WriteDns, state: MachineState): Promise<DnsOutcome> {
  const { deps, tenure } = performer;
  const deadline = new AbortController();
  const timer = deps.clock.timer(WRITE_TIMEOUT_MS, () => deadline.abort(new Error('the write took too long')));
  const silence = new Promise<DnsOutcome>((resolve) => {
    const reason = `the provider did not answer within ${WRITE_TIMEOUT_MS} ms`;
    deadline.signal.addEventListener('abort', () => resolve({ kind: 'failed', applied: 'unknown', reason }));
  });
  const signal = AbortSignal.any([tenure.signal, deadline.signal]);
  try {
    return await Promise.race([writeUntilSettled({ performer, effect, state, signal }), silence]);
  } finally {
    timer.stop();
  }
}

type Attempt = {
  readonly performer: Performer;
  readonly effect: WriteDns;
  readonly state: MachineState;
  readonly signal: AbortSignal;
};

async function writeUntilSettled(attempt: Attempt): Promise<DnsOutcome> {
  let last: DnsOutcome = { kind: 'failed', applied: 'none', reason: 'not tried' };
  for (let refusals = 0; refusals < REFUSALS_MAX; refusals += 1) {
    if (!mayWrite(attempt)) return { kind: 'failed', applied: 'none', reason: 'the right to act has ended' };
    const outcome = await tryWrite(attempt).catch((error: unknown): DnsOutcome => {
      return { kind: 'failed', applied: 'none', reason: error instanceof Error ? error.message : String(error) };
    });
    if (outcome !== 'refused') return outcome;
    last = { kind: 'failed', applied: 'none', reason: 'the record changes faster than it can be written' };
  }
  return last;
}

/** A provider that answers after the deadline finds nobody who would write on what it said. */
function mayWrite({ performer, signal }: Attempt): boolean {
  return performer.tenure.mayAct() && !signal.aborted;
}

async function tryWrite(attempt: Attempt): Promise<DnsOutcome | 'refused'> {
  const { performer, effect, state, signal } = attempt;
  const { deps } = performer;
  const service = deps.config.services.find((candidate) => candidate.id === state.rules.id);
  if (service === undefined)
    return { kind: 'failed', applied: 'none', reason: 'the service is not configured any more' };
  const { record } = service;
  const provider = deps.ports.provider(record.provider);
  const plan = planDnsWrite({
    cluster: deps.config.cluster.name,
    generation: deps.generation,
    service: service.id,
    record,
    nodes: service.nodes,
    intent: effect.intent,
    confirmed: state.service.dns.confirmed,
    unconfirmed: effect.unconfirmed,
    current: await provider.list(record.zone, { signal }),
    adoptsRecord: false,
  });
  if (plan.kind === 'done') return { kind: 'applied' };
  if (plan.kind === 'stale') return plan;
  if (plan.kind === 'drift') return { kind: 'drift', reason: `${plan.refusal.reason}. ${plan.refusal.remedy}` };
  if (!mayWrite(attempt)) return { kind: 'failed', applied: 'none', reason: 'the right to act has ended' };
  const idempotencyKey = plan.write.ownershipAfter;
  // What fails from here on may have been applied (S26).
  const result = await provider
    .apply(record.zone, plan.write.changes, { idempotencyKey, signal })
    .catch((error: unknown) => ({ kind: 'failed', applied: 'unknown', reason: String(error) }) as const);
  if (result.kind === 'applied') return { kind: 'applied' };
  if (result.kind === 'conflict') return 'refused';
  return { kind: 'failed', applied: result.applied, reason: result.reason };
}
