// What DNS should say, derived from the state alone, and the write that brings it there. Level-triggered: whatever was lost
// or edited is written again, because the wish is compared with what is confirmed and not with what was last done.

import { modeRefusal } from './hold.ts';
import type { DnsIntent, TtlLevel } from './intent.ts';
import type { DnsOutcome } from './machine-event.ts';
import { preparesOnly } from './operation-kinds.ts';
import type { Refusal } from './refusal.ts';
import type { DnsRecord, MachineState } from './service-state.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

/** Unconfirmed writes remembered; the oldest of more is certainly overtaken, because every write names its predecessor. */
const UNCONFIRMED_MAX = 16;
/** With a first pause of 2 s the longest is about a minute. */
const RETRY_DOUBLINGS_MAX = 5;

/** The answer that should be published; null as long as no node was ever verified. */
function desiredDns(state: MachineState): Omit<DnsIntent, 'seq'> | null {
  const { active, dns, epoch } = state.service;
  // I3: only a verified node becomes `active`. Without one the last answer stays; it is never emptied (S28).
  // S35: hands off means the TTL too.
  if (modeRefusal(state) !== null) return lastWritten(dns);
  const early = earlyWish(state);
  if (early !== null) return early;
  if (active === null) return withLevel(lastWritten(dns), levelFor(state));
  if (state.grant?.node === active) return { node: active, epoch: state.grant.epoch, level: levelFor(state) };
  // S21: the grant has gone to the next node while this one still serves; its answer keeps the epoch it was verified with.
  return dns.confirmed?.node === active
    ? withLevel(dns.confirmed, levelFor(state))
    : { node: active, epoch, level: levelFor(state) };
}

/** `cutover: early` names the target from GRANT on, and takes its name back as soon as it fails (S28). */
function earlyWish(state: MachineState): Omit<DnsIntent, 'seq'> | null {
  const { service, op } = state;
  const { early, epoch } = service;
  if (early === null) return null;
  const isComing = op?.to === early.target && (op.phase === 'START_NEW' || op.phase === 'VERIFY_NEW');
  if (isComing) return { node: early.target, epoch: op.epoch ?? epoch, level: 'suspect' };
  if (lastWritten(service.dns)?.node !== early.target) return null;
  // It was named and did not come: the answer before, unless that node was fenced since, or the address that says sorry.
  const { before } = early;
  const isFenced = before === null || service.failed[before] !== undefined || op?.fenced.includes(before) === true;
  if (!isFenced) return { node: before, epoch, level: 'suspect' };
  return state.rules.hasSorry ? { node: null, epoch, level: 'suspect' } : null;
}

/** The newest write that may be in force: going back to an older one could name a node that was fenced since (S28). */
function lastWritten({ confirmed, pending, unconfirmed }: DnsRecord): DnsIntent | null {
  const written = [confirmed, pending, ...unconfirmed].filter((intent) => intent !== null);
  return written.reduce<DnsIntent | null>(
    (newest, intent) => (newest === null || intent.seq > newest.seq ? intent : newest),
    null,
  );
}

function withLevel(confirmed: DnsIntent | null, level: TtlLevel): Omit<DnsIntent, 'seq'> | null {
  return confirmed === null ? null : { node: confirmed.node, epoch: confirmed.epoch, level };
}

/** Section 8 of the design: suspect from the first failing vote until settled, settling until stable, steady after that. */
function levelFor(state: MachineState): TtlLevel {
  const { active } = state.service;
  const view = active === null ? undefined : state.local.view.nodes[active];
  const moving = state.op !== null && !preparesOnly(state.op);
  if (moving || active === null || (view?.suspectedBy.length ?? 0) > 0 || view?.down.kind === 'agreed')
    return 'suspect';
  return state.service.settling ? 'settling' : 'steady';
}

/** Emits a write when the wish differs from what is confirmed and nothing is under way. */
export function reconcileDns(t: Transition): boolean {
  const { dns } = t.state.service;
  const wish = desiredDns(t.state);
  if (wish === null || dns.pending !== null || t.state.local.dnsRefused !== null) return false;
  if (sameWish(dns.confirmed, wish) && dns.unconfirmed.length === 0) return false;
  if (t.now.monoMs < t.state.local.dnsRetryAtMonoMs) return false;
  const intent: DnsIntent = { ...wish, seq: dns.seq + 1 };
  patchService(t, { dns: { ...dns, seq: intent.seq, pending: intent } });
  t.effects.push({ kind: 'writeDns', intent, unconfirmed: dns.unconfirmed });
  return true;
}

function sameWish(confirmed: DnsIntent | null, wish: Omit<DnsIntent, 'seq'>): boolean {
  return (
    confirmed !== null &&
    confirmed.node === wish.node &&
    confirmed.level === wish.level &&
    confirmed.epoch === wish.epoch
  );
}

/** Takes in how a write ended (S26, S27). An answer to anything but the pending write is old and means nothing. */
export function applyDnsOutcome(t: Transition, seq: number, outcome: DnsOutcome): void {
  const { dns } = t.state.service;
  const { pending } = dns;
  if (pending === null || pending.seq !== seq) return;
  switch (outcome.kind) {
    case 'applied':
      setDns(t, { confirmed: pending, pending: null, unconfirmed: [] });
      noteLowTtl(t, pending.level);
      patchService(t, { dnsProblem: null });
      patchLocal(t, { dnsRetryAtMonoMs: 0, dnsFailures: 0, propagation: null });
      return;
    case 'failed':
      setDns(t, { pending: null, unconfirmed: outcome.applied === 'none' ? dns.unconfirmed : remember(dns, pending) });
      retryLater(t, outcome.reason);
      return;
    case 'drift':
      setDns(t, { pending: null });
      // The record may be mended by hand at any moment, so it is looked at again and again.
      delayRetry(t);
      setProblem(t, driftRefusal(outcome.reason));
      return;
    case 'stale':
      setDns(t, { pending: null, unconfirmed: remember(dns, pending) });
      patchLocal(t, { dnsRefused: 'stale' });
      // S27: a stale controller resigns; when its successor finds the same, it is the store that is behind.
      if (t.state.service.dnsProblem?.rule !== 'S27.store-went-back') {
        t.effects.push({ kind: 'resign', reason: outcome.reason });
      }
      setProblem(t, {
        rule: 'S27.store-went-back',
        reason: outcome.reason,
        remedy:
          'The store is behind the provider: restore the newer store, or have the record removed by hand and run oneup reload',
      });
      return;
  }
}

/** Since when the short TTL is what resolvers get: a planned move waits the long one out from here. */
function noteLowTtl(t: Transition, level: TtlLevel): void {
  const since = level === 'suspect' ? (t.state.local.lowTtlSinceMonoMs ?? t.now.monoMs) : null;
  patchLocal(t, { lowTtlSinceMonoMs: since });
}

function setDns(t: Transition, patch: Partial<DnsRecord>): void {
  patchService(t, { dns: { ...t.state.service.dns, ...patch } });
}

function remember(dns: DnsRecord, pending: DnsIntent): readonly DnsIntent[] {
  return [...dns.unconfirmed, pending].slice(-UNCONFIRMED_MAX);
}

/** The pause grows, because every try is a commit and a call; a new wish does not wait for it. */
function delayRetry(t: Transition): void {
  const { dnsFailures } = t.state.local;
  const pauseMs = t.state.rules.retryMs * 2 ** Math.min(dnsFailures, RETRY_DOUBLINGS_MAX);
  patchLocal(t, { dnsFailures: dnsFailures + 1, dnsRetryAtMonoMs: t.now.monoMs + pauseMs });
}

function retryLater(t: Transition, reason: string): void {
  delayRetry(t);
  setProblem(t, {
    rule: 'S27.dns-drift',
    reason: `the DNS write failed: ${reason}`,
    remedy: 'It is tried again; the new active node stays. Check the provider and its credentials',
  });
}

function driftRefusal(reason: string): Refusal {
  return {
    rule: 'S27.dns-drift',
    reason,
    remedy: `Restore the record as oneup wrote it, or correct the configuration, then run oneup reload`,
  };
}

function setProblem(t: Transition, refusal: Refusal): void {
  // The alert follows from the state, see alerts.ts.
  patchService(t, { dnsProblem: refusal });
}
