// What DNS should say, derived from the state alone, and the write that brings it there. Level-triggered: whatever was lost
// or edited is written again, because the wish is compared with what is confirmed and not with what was last done.

import { ERROR_CATALOGUE } from '../base/error-catalogue.ts';
import type { NodeId } from '../base/ids.ts';
import type { DnsRecord } from './dns-record.ts';
import { endMend } from './end-mend.ts';
import { modeRefusal } from './hold.ts';
import type { DnsIntent, TtlLevel } from './intent.ts';
import type { DnsFailure, DnsOutcome } from './machine-event.ts';
import { preparesOnly } from './operation-kinds.ts';
import type { Refusal } from './refusal.ts';
import type { MachineState } from './service-state.ts';
import { patchLocal, patchService, type Transition } from './transition.ts';

/** A provider that fails for hours leaves about one in a minute; more of them than this are forgotten. */
const UNCONFIRMED_MAX = 256;
/** With a first pause of 2 s the longest is about a minute. */
const RETRY_DOUBLINGS_MAX = 5;
/** What fails until a person has changed something is tried again, but seldom: each try is a commit and a call. */
const SLOW_RETRY_MS = 120_000;
/** The longest block that a provider is known for is 5 minutes; a number far above it must not keep DNS wrong for a day. */
const RETRY_AFTER_MAX_MS = 600_000;

/** The answer that should be published; null as long as no node was ever verified. */
export function desiredDns(state: MachineState): DnsWish | null {
  const { active, dns, epoch } = state.service;
  // I3: only a verified node becomes `active`. Without one the last answer stays; it is never emptied (S28).
  // S35: hands off means the TTL too.
  if (modeRefusal(state) !== null) return lastWritten(dns);
  const early = earlyWish(state);
  if (early !== null) return early;
  if (active === null) return keptAnswer(state);
  if (state.grant?.node === active) return { node: active, epoch: state.grant.epoch, level: levelFor(state) };
  // S21: the grant has gone to the next node while this one still serves; its answer keeps the epoch it was verified with.
  return dns.confirmed?.node === active
    ? withLevel(dns.confirmed, levelFor(state))
    : { node: active, epoch, level: levelFor(state) };
}

/** A doubt about what was written is no reason to name a node again that was fenced since: the next answer settles it (S28). */
function keptAnswer(state: MachineState): DnsWish | null {
  const { dns } = state.service;
  const last = lastWritten(dns);
  const isDoubtful = dns.unconfirmed.length > 0;
  return isDoubtful && last !== null && wasFenced(state, last.node) ? null : withLevel(last, levelFor(state));
}

/** `cutover: early` names the target from GRANT on, and takes its name back as soon as it fails (S28). */
function earlyWish(state: MachineState): DnsWish | null {
  const { service, op } = state;
  const { early, epoch } = service;
  if (early === null) return null;
  const level = state.rules.ttl.followsSuspicion ? 'suspect' : fixedLevel(state);
  const isComing = op?.to === early.target && (op.phase === 'START_NEW' || op.phase === 'VERIFY_NEW');
  if (isComing) return { node: early.target, epoch: op.epoch ?? epoch, level };
  if (lastWritten(service.dns)?.node !== early.target) return null;
  // It was named and did not come: the answer before, unless that node was fenced since, or the address that says sorry.
  const { before } = early;
  if (before !== null && !wasFenced(state, before)) return { node: before, epoch, level };
  return state.rules.hasSorry ? { node: null, epoch, level } : null;
}

function wasFenced({ service, op }: MachineState, node: NodeId | null): boolean {
  return node !== null && (service.failed[node] !== undefined || op?.fenced.includes(node) === true);
}

/** The newest write that may be in force: going back to an older one could name a node that was fenced since (S28). */
export function lastWritten({ confirmed, pending, unconfirmed }: DnsRecord): DnsIntent | null {
  const written = [confirmed, pending, ...unconfirmed].filter((intent) => intent !== null);
  return written.reduce<DnsIntent | null>(
    (newest, intent) => (newest === null || intent.seq > newest.seq ? intent : newest),
    null,
  );
}

function withLevel(confirmed: DnsIntent | null, level: TtlLevel): DnsWish | null {
  return confirmed === null ? null : { node: confirmed.node, epoch: confirmed.epoch, level };
}

/** Suspect from the first failing vote until settled, settling until stable, steady after that. */
function levelFor(state: MachineState): TtlLevel {
  if (!state.rules.ttl.followsSuspicion) return fixedLevel(state);
  const { active } = state.service;
  const view = active === null ? undefined : state.local.view.nodes[active];
  const moving = state.op !== null && !preparesOnly(state.op);
  if (moving || active === null || (view?.suspectedBy.length ?? 0) > 0 || view?.down.kind === 'agreed')
    return 'suspect';
  return state.service.settling ? 'settling' : 'steady';
}

/**
 * Where each change of the TTL is a call to an API: lowered by planned moves alone, kept through their operation, and restored
 * when the service is stable again. An unplanned failover writes its address with the TTL that is published: resolvers hold
 * the old answer for the old TTL whatever the new one says, and a second write would only spend calls.
 */
function fixedLevel({ op, service }: MachineState): TtlLevel {
  if (op?.phase === 'TTL_LOWER') return 'suspect';
  const published = lastWritten(service.dns)?.level ?? 'steady';
  const isMoving = service.active === null || (op !== null && !preparesOnly(op));
  if (isMoving || published === 'steady') return published;
  return service.settling ? 'settling' : 'steady';
}

/** What an answer should say: a write without its number. */
export type DnsWish = Omit<DnsIntent, 'seq'>;

export function reconcileDns(t: Transition): boolean {
  return reconcileWish(t, desiredDns(t.state));
}

/** Emits a write when the wish differs from what is confirmed and nothing is under way. */
export function reconcileWish(t: Transition, wish: DnsWish | null): boolean {
  const { dns } = t.state.service;
  if (wish === null || dns.pending !== null || t.state.local.dnsRefused !== null) return false;
  if (sameWish(dns.confirmed, wish) && dns.unconfirmed.length === 0 && !owesWrite(t.state, wish)) return false;
  if (isPaused(t, wish)) return false;
  const intent: DnsIntent = { ...wish, seq: dns.seq + 1 };
  patchService(t, { dns: { ...dns, seq: intent.seq, pending: intent } });
  t.effects.push({ kind: 'writeDns', intent, unconfirmed: dns.unconfirmed });
  return true;
}

/**
 * What failed may not be wanted any more, such as a short TTL, while its problem holds planned moves: only a write that goes through
 * ends it (S27). Nobody but the active node is named again for that, and not in a mode (S28, S35).
 */
function owesWrite(state: MachineState, wish: DnsWish): boolean {
  if (state.service.dnsProblem?.rule !== 'dns.write-failed' || modeRefusal(state) !== null) return false;
  return wish.answers !== undefined || (wish.node !== null && wish.node === state.service.active);
}

/**
 * A pause is for the names that were refused or put off: others are tried at once, because a write back, an early cutover or an
 * answer without a dead node waits for nobody (S28). A TTL alone is no new wish: a suspicion that comes and goes would use up
 * the calls that the pause saves. What a provider asks of its whole account is kept where its calls are made.
 */
function isPaused({ state, now }: Transition, wish: DnsWish): boolean {
  const { dnsPause } = state.local;
  if (dnsPause === null || now.monoMs >= dnsPause.untilMonoMs) return false;
  const { confirmed, unconfirmed } = state.service.dns;
  const isTtlOnly = confirmed !== null && unconfirmed.length === 0 && sameNames(confirmed, wish);
  return isTtlOnly || sameNames(dnsPause.wish, wish);
}

function sameWish(confirmed: DnsIntent | null, wish: DnsWish): boolean {
  return confirmed !== null && confirmed.level === wish.level && sameNames(confirmed, wish);
}

function sameNames(one: DnsWish, other: DnsWish): boolean {
  return (
    one.node === other.node &&
    one.epoch === other.epoch &&
    JSON.stringify(one.answers) === JSON.stringify(other.answers)
  );
}

/** Takes in how a write ended (S26, S27). An answer to anything but the pending write is old and means nothing. */
export function applyDnsOutcome(t: Transition, seq: number, outcome: DnsOutcome): void {
  const { dns } = t.state.service;
  const { pending } = dns;
  if (pending === null || pending.seq !== seq) return;
  switch (outcome.kind) {
    case 'applied':
      endMend(t, 'done', 'the record is as oneup wrote it');
      patchService(t, {
        dns: {
          ...{ confirmed: pending, pending: null, unconfirmed: [], seq: dns.seq },
          ...(outcome.changeId === undefined ? {} : { changeId: outcome.changeId }),
        },
      });
      noteLowTtl(t, pending.level);
      patchService(t, { dnsProblem: null });
      patchLocal(t, { dnsPause: null, dnsFailures: 0, propagation: null });
      return;
    case 'failed':
      setDns(t, {
        pending: null,
        unconfirmed: outcome.applied === 'none' ? dns.unconfirmed : withUnknown(dns, pending, outcome.foundSeq),
      });
      retryLater(t, pending, outcome);
      return;
    case 'deferred':
      // Nothing is wrong: what only keeps the TTL in order leaves the last calls to failovers.
      setDns(t, { pending: null });
      pause(t, pending, { waitMs: Math.min(outcome.retryAfterMs, RETRY_AFTER_MAX_MS), why: outcome.reason });
      return;
    case 'drift':
      endMend(t, 'failed', `the record is not what was shown: ${outcome.reason}`);
      setDns(t, { pending: null });
      // The record may be mended by hand at any moment, so it is looked at again and again.
      delayRetry(t, pending, null);
      setProblem(t, driftRefusal(outcome.reason));
      return;
    case 'stale':
      endMend(t, 'failed', outcome.reason);
      setDns(t, { pending: null, unconfirmed: withUnknown(dns, pending) });
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

/**
 * The write whose TXT was found there is the previous one of all that were sent since, however old it is: without it the record
 * would look like somebody else's for ever. So it goes to the end, and others are forgotten first (S27).
 */
export function withUnknown(
  { unconfirmed }: DnsRecord,
  unknown: DnsIntent,
  foundSeq?: number,
): DnsRecord['unconfirmed'] {
  const others = unconfirmed.filter(({ seq }) => seq !== foundSeq);
  const found = unconfirmed.filter(({ seq }) => seq === foundSeq);
  return [...others, ...found, unknown].slice(-UNCONFIRMED_MAX);
}

/** The pause grows, because every try is a commit and a call; other names do not wait for it. */
function delayRetry(t: Transition, wish: DnsWish, failure: DnsFailure | null): void {
  const { dnsFailures } = t.state.local;
  const grownMs = t.state.rules.retryMs * 2 ** Math.min(dnsFailures, RETRY_DOUBLINGS_MAX);
  const jitter = failure?.jitter ?? 0;
  const longestMs = failure?.isRetryable === false ? Math.max(grownMs, SLOW_RETRY_MS) : grownMs;
  // Half of the pause is sure, the other half is drawn, so that services spread out.
  const pauseMs = longestMs * (1 - jitter / 2);
  const askedMs = Math.min(failure?.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS);
  const waitMs = Math.round(Math.max(pauseMs, askedMs + jitter * t.state.rules.retryMs));
  patchLocal(t, { dnsFailures: dnsFailures + 1 });
  pause(t, wish, { waitMs, why: failure?.reason ?? 'somebody else changed the record' });
}

type Pause = { readonly waitMs: number; readonly why: string };

function pause(t: Transition, wish: DnsWish, { waitMs, why }: Pause): void {
  patchLocal(t, { dnsPause: { untilMonoMs: t.now.monoMs + waitMs, wish, why } });
}

function retryLater(t: Transition, wish: DnsWish, failure: DnsFailure): void {
  delayRetry(t, wish, failure);
  const { code, reason } = failure;
  const known = code === null ? null : ERROR_CATALOGUE[code].remedy;
  setProblem(t, {
    rule: 'dns.write-failed',
    reason: `the DNS write failed: ${reason}${code === null ? '' : ` (${code})`}`,
    remedy: `${known ?? 'Check the provider and its credentials'}. It is tried again; the new active node stays`,
  });
}

function driftRefusal(reason: string): Refusal {
  return {
    rule: 'S27.dns-drift',
    reason,
    remedy:
      'Restore the record as oneup wrote it, or remove what it did not write; it is looked at again within about a minute',
  };
}

/** Where there are two providers, a problem says whose it is. */
export function setProblem(t: Transition, refusal: Refusal): void {
  const { writtenTo } = t.state.rules;
  const reason = writtenTo === undefined ? refusal.reason : `provider ${writtenTo}: ${refusal.reason}`;
  // The alert follows from the state, see alerts.ts.
  patchService(t, { dnsProblem: { ...refusal, reason } });
}
