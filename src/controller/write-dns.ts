// One guarded write of a service's name (S26): read what is there, plan the change from it, apply it on the condition that it
// is still there. After a refusal the next try reads again, so every answer of the provider is judged from fresh facts (S27).

import type { MachineEffect } from '../failover/machine-effect.ts';
import type { DnsOutcome } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import { planDnsWrite } from '../plan/plan-dns-write.ts';
import type { Performer } from './performer.ts';

/** Refusals in a row by somebody who is faster; more of them is reported, and tried again after a pause. */
const REFUSALS_MAX = 3;

type WriteDns = Extract<MachineEffect, { kind: 'writeDns' }>;

/** Never rejects. */
export async function writeDns(performer: Performer, effect: WriteDns, state: MachineState): Promise<DnsOutcome> {
  let last: DnsOutcome = { kind: 'failed', applied: 'none', reason: 'not tried' };
  for (let refusals = 0; refusals < REFUSALS_MAX; refusals += 1) {
    if (!performer.tenure.mayAct()) return { kind: 'failed', applied: 'none', reason: 'the right to act has ended' };
    const outcome = await tryWrite(performer, effect, state).catch((error: unknown): DnsOutcome => {
      return { kind: 'failed', applied: 'none', reason: error instanceof Error ? error.message : String(error) };
    });
    if (outcome !== 'refused') return outcome;
    last = { kind: 'failed', applied: 'none', reason: 'the record changes faster than it can be written' };
  }
  return last;
}

async function tryWrite(
  { deps, tenure }: Performer,
  effect: WriteDns,
  state: MachineState,
): Promise<DnsOutcome | 'refused'> {
  const service = deps.config.services.find((candidate) => candidate.id === state.rules.id);
  if (service === undefined)
    return { kind: 'failed', applied: 'none', reason: 'the service is not configured any more' };
  const { record } = service;
  const provider = deps.ports.provider(record.provider);
  const { signal } = tenure;
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
  if (!tenure.mayAct()) return { kind: 'failed', applied: 'none', reason: 'the right to act has ended' };
  const idempotencyKey = plan.write.ownershipAfter;
  // What fails from here on may have been applied (S26).
  const result = await provider
    .apply(record.zone, plan.write.changes, { idempotencyKey, signal })
    .catch((error: unknown) => ({ kind: 'failed', applied: 'unknown', reason: String(error) }) as const);
  if (result.kind === 'applied') return { kind: 'applied' };
  if (result.kind === 'conflict') return 'refused';
  return { kind: 'failed', applied: result.applied, reason: result.reason };
}
