// One guarded write of a service's name (S26): read what is there, plan the change from it, apply it on the condition that it
// is still there. After a refusal the next try reads again, so every answer of the provider is judged from fresh facts (S27).

import type { MachineEffect } from '../failover/machine-effect.ts';
import type { DnsFailure, DnsOutcome } from '../failover/machine-event.ts';
import type { MachineState } from '../failover/service-state.ts';
import type { DnsWrite } from '../plan/dns-write.ts';
import { managedNames, parseOwnership } from '../plan/ownership.ts';
import { planDnsWrite } from '../plan/plan-dns-write.ts';
import { dnsFailure, drawJitter, failureOfApply, failureOfRead, thrownByApply } from './dns-failure.ts';
import { noteWrite } from './last-writes.ts';
import type { Performer } from './performer.ts';
import { placeOfWrite } from './record-places.ts';
import { recordShown } from './record-shown.ts';
import { publishedTtl } from './record-ttl.ts';
import { writePriority } from './write-priority.ts';

/** Refusals in a row by somebody who is faster, in our own zone; more of them is reported, and tried again after a pause. */
const REFUSALS_MAX = 3;
/** A read, a refused write and the look at what stands there are up to five requests, and no more are made without a pause. */
const EXTERNAL_REFUSALS_MAX = 1;

/** Far above any provider's; a longer one is not worth a place in the record. */
const CHANGE_ID_MAX = 256;

/** A provider that says nothing for so long may have written; the next write, above this one, does not wait for it. */
const WRITE_TIMEOUT_MS = 10_000;

type WriteDns = Extract<MachineEffect, { kind: 'writeDns' }>;

/** Never rejects, and never waits longer than WRITE_TIMEOUT_MS. */
export async function writeDns(performer: Performer, effect: WriteDns, state: MachineState): Promise<DnsOutcome> {
  const { deps, tenure } = performer;
  const deadline = new AbortController();
  const timer = deps.clock.timer(WRITE_TIMEOUT_MS, () => deadline.abort(new Error('the write took too long')));
  const signal = AbortSignal.any([tenure.signal, deadline.signal]);
  const attempt: Attempt = { performer, effect, state, signal, sent: null };
  const silence = new Promise<DnsOutcome>((resolve) => {
    deadline.signal.addEventListener('abort', () => resolve(unanswered(attempt)));
  });
  try {
    const outcome = await Promise.race([writeUntilSettled(attempt), silence]);
    if (outcome.kind !== 'applied' && !tenure.mayAct()) {
      // Nobody of this term will tell it any more, and whoever looks for the cause of a late request finds it here.
      const { reason } = outcome;
      deps.logger.warn({ service: state.rules.id, term: tenure.term, reason }, 'a DNS write outlived its term');
    }
    return outcome.kind === 'failed' ? { ...outcome, jitter: drawJitter(deps.uniqueId()) } : outcome;
  } finally {
    timer.stop();
  }
}

type Attempt = {
  readonly performer: Performer;
  readonly effect: WriteDns;
  readonly state: MachineState;
  readonly signal: AbortSignal;
  /** Set right before the provider is told to write: silence before that has changed nothing (S26). */
  sent: Pick<DnsFailure, 'foundSeq'> | null;
};

function unanswered({ sent }: Attempt): DnsOutcome {
  const reason = `the provider did not answer within ${WRITE_TIMEOUT_MS} ms`;
  if (sent === null) return dnsFailure('none', reason, { code: 'ONEUP_PROVIDER_UNREACHABLE' });
  return { ...dnsFailure('unknown', reason, { code: 'ONEUP_PROVIDER_UNANSWERED' }), ...sent };
}

async function writeUntilSettled(attempt: Attempt): Promise<DnsOutcome> {
  let last: DnsOutcome = dnsFailure('none', 'not tried');
  const refusalsMax = isExternal(attempt) ? EXTERNAL_REFUSALS_MAX : REFUSALS_MAX;
  for (let refusals = 0; refusals < refusalsMax; refusals += 1) {
    if (!mayWrite(attempt)) return dnsFailure('none', 'the right to act has ended');
    const outcome = await tryWrite(attempt).catch(failureOfRead);
    if (outcome !== 'refused') return outcome;
    last = dnsFailure('none', 'the record was changed by somebody else while it was written');
  }
  return last;
}

function isExternal({ performer: { deps }, effect, state }: Attempt): boolean {
  const provider = placeOfWrite(deps.config, effect, state)?.service.record.provider;
  const kind = deps.config.providers.find(({ name }) => name === provider)?.kind ?? 'builtin';
  return kind !== 'builtin';
}

/** A provider that answers after the deadline finds nobody who would write on what it said. */
function mayWrite({ performer, signal }: Attempt): boolean {
  return performer.tenure.mayAct() && !signal.aborted;
}

async function tryWrite(attempt: Attempt): Promise<DnsOutcome | 'refused'> {
  const { performer, effect, signal } = attempt;
  const { deps } = performer;
  const place = placeOfWrite(deps.config, effect, attempt.state);
  if (place === null) return dnsFailure('none', 'the service is not configured any more');
  const { service, state } = place;
  const { record } = service;
  const provider = deps.ports.provider(record.provider, writePriority(effect, state));
  const current = await provider.list(record.zone, { names: managedNames(record.name), signal });
  const plan = planDnsWrite({
    cluster: deps.config.cluster.name,
    generation: deps.generation,
    service: service.id,
    record: { ...record, ttl: publishedTtl(deps.config, record).ttl },
    nodes: service.nodes,
    intent: effect.intent,
    confirmed: state.service.dns.confirmed,
    unconfirmed: effect.unconfirmed,
    current,
    // What a person agreed to is taken over, or put right, as it was shown and not otherwise (S11, S27).
    repairsDrift: record.repairDrift || state.service.dns.mends?.shown === recordShown(record.name, current),
    adoptsRecord: state.service.dns.takesOver === recordShown(record.name, current),
  });
  if (plan.kind === 'done') return { kind: 'applied' };
  if (plan.kind === 'stale') return plan;
  if (plan.kind === 'drift') return { kind: 'drift', reason: `${plan.refusal.reason}. ${plan.refusal.remedy}` };
  if (!mayWrite(attempt)) return dnsFailure('none', 'the right to act has ended');
  const idempotencyKey = plan.write.ownershipAfter;
  // What fails from here on may have been applied (S26).
  const sent = foundBefore(plan.write);
  attempt.sent = sent;
  const result = await provider.apply(record.zone, plan.write.changes, { idempotencyKey, signal }).catch(thrownByApply);
  if (result.kind === 'conflict') {
    const { reason } = result;
    deps.logger.warn({ service: service.id, provider: record.provider, reason }, 'the provider refused a DNS write');
    attempt.sent = null;
    return 'refused';
  }
  if (result.kind === 'failed') return withFound(failureOfApply(result), sent);
  const { changeId } = result;
  const written = { ...effect, changeId, before: current, monoMs: deps.clock.monotonicMs() };
  noteWrite(performer.writes, place.key, written);
  const isKept = isExternal(attempt) && changeId.length <= CHANGE_ID_MAX;
  return isKept ? { kind: 'applied', changeId } : { kind: 'applied' };
}

/** Whose TXT this write replaces; the machine must not forget that one while it does not know what became of this (S27). */
function foundBefore({ ownershipBefore }: DnsWrite): Pick<DnsFailure, 'foundSeq'> {
  const parsed = ownershipBefore === null ? null : parseOwnership(ownershipBefore);
  return parsed?.ok ? { foundSeq: parsed.value.seq } : {};
}

function withFound(outcome: DnsOutcome, sent: Pick<DnsFailure, 'foundSeq'>): DnsOutcome {
  return outcome.kind === 'failed' ? { ...outcome, ...sent } : outcome;
}
