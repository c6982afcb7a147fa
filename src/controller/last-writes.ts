// What a controller remembers of its last write for a service: how the provider calls it, since when the answer is as it is, and
// for how long the answer before may live in caches. Kept in memory; of it the record of the service holds how the provider calls it,
// so that a successor asks for that change too. Without it servers are asked all the same.
import type { Rrset } from '../dns/rrset.ts';
import type { DnsRecord } from '../failover/dns-record.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { PropagationReport } from '../failover/propagation-report.ts';

export type LastWrite = {
  /** Which answer it was, whatever its TTL. */
  readonly answer: string;
  /** Of the newest write of this answer. */
  readonly changeId: string;
  readonly sinceMonoMs: number;
  /** TTL of the answer before this one, as the provider listed it; 0 where there was none, null when nobody can say. */
  readonly oldTtlSeconds: number | null;
  /** What the provider said of a change when it was last asked whether all of its servers have it. */
  readonly asked?: {
    readonly changeId: string;
    readonly said: PropagationReport['provider'];
    readonly atMonoMs: number;
  };
};

/** By `key` of the place (record-places.ts). */
export type LastWrites = Map<string, LastWrite>;

export function answerText({ node, epoch, answers }: DnsIntent): string {
  return JSON.stringify([node, epoch, answers ?? null]);
}

/** The write in force; of one that a predecessor made no more is known than the record says, so its times begin now. */
export function recallWrite(
  writes: LastWrites,
  key: string,
  { dns: { confirmed, changeId }, monoMs }: { readonly dns: DnsRecord; readonly monoMs: number },
): LastWrite | null {
  const known = writes.get(key);
  const answer = confirmed === null ? null : answerText(confirmed);
  if (known !== undefined && known.answer === answer) return known;
  if (answer === null || changeId === undefined) return null;
  const recalled: LastWrite = { answer, changeId, sinceMonoMs: monoMs, oldTtlSeconds: null };
  writes.set(key, recalled);
  return recalled;
}

export type Written = {
  readonly intent: DnsIntent;
  /** Writes of unknown outcome before this one: any of them may be what was listed. */
  readonly unconfirmed: readonly DnsIntent[];
  readonly changeId: string;
  /** What the provider listed before. */
  readonly before: readonly Rrset[];
  readonly monoMs: number;
};

/** A write that changes the TTL alone leaves the answer as old as it was. */
export function noteWrite(writes: LastWrites, key: string, written: Written): void {
  const { intent, unconfirmed, changeId, before, monoMs } = written;
  const answer = answerText(intent);
  const known = writes.get(key);
  if (known?.answer === answer) {
    writes.set(key, { ...known, changeId });
    return;
  }
  const ttls = before.filter(({ type }) => type !== 'TXT').map(({ ttlSeconds }) => ttlSeconds);
  const oldTtlSeconds = unconfirmed.length > 0 ? null : Math.max(0, ...ttls);
  writes.set(key, { answer, changeId, sinceMonoMs: monoMs, oldTtlSeconds });
}
