// Is the record as oneup left it? Compares what the provider lists with the last confirmed write and says every difference in
// words. It plans nothing: an alert follows, and a write only where the configuration asks for it (S27).
import type { Rrset } from '../dns/rrset.ts';
import { answersOf, hasSameValues } from '../dns/rrset-equality.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { DnsFound } from '../failover/machine-event.ts';
import { classifyOwnership } from './classify-ownership.ts';
import { ownershipTxt } from './ownership-txt.ts';
import { answersFor, ownershipOf, type PlanDnsWriteInput } from './plan-dns-write.ts';
import { weightsOf } from './published-addresses.ts';
import { answerRrsets } from './published-answer.ts';
import { ttlForLevel } from './ttl-for-level.ts';

export type FindDriftInput = Pick<
  PlanDnsWriteInput,
  'cluster' | 'generation' | 'service' | 'record' | 'nodes' | 'current'
> & {
  readonly confirmed: DnsIntent;
  /** TTLs, in seconds, that the provider gives of its own accord: a proxied record has no other. */
  readonly ownTtls: readonly number[];
};

export function findDrift(input: FindDriftInput): DnsFound {
  const { record, confirmed, current } = input;
  const written = ownershipOf(input, confirmed);
  const standing = classifyOwnership({
    currentTxt: ownershipTxt(record.name, current),
    thisWrite: written,
    expectedBefore: written,
    unconfirmedIntents: [],
  });
  const isOwned = standing.kind === 'done';
  const reasons = [...ownershipReasons(standing), ...answerReasons(input)];
  if (reasons.length === 0) return { kind: 'asWritten' };
  return { kind: 'drift', reason: `${record.name}: ${reasons.join('; ')}`, isMendable: isOwned };
}

function ownershipReasons(standing: ReturnType<typeof classifyOwnership>): readonly string[] {
  switch (standing.kind) {
    case 'done':
    case 'expected':
      return [];
    case 'retryAbove':
      return ['the ownership TXT is of an older write'];
    case 'stale':
      return [standing.reason];
    case 'drift':
      return [standing.refusal.reason];
  }
}

function answerReasons(input: FindDriftInput): readonly string[] {
  const { record, confirmed, current, nodes, ownTtls } = input;
  const answers = answersFor({ record, nodes, intent: confirmed });
  // A node that left the configuration is told by the write that cannot name it.
  if (!answers.ok) return [];
  const ttlSeconds = ttlForLevel(confirmed.level, record.ttl);
  const desired = answerRrsets(record.name, answers.value, { ttlSeconds, weights: weightsOf(confirmed.answers) });
  const held = current.filter(({ name, type }) => name === record.name && isAnswerType(type));
  const missing = desired.flatMap((wanted) => {
    const found = held.find(({ type }) => type === wanted.type);
    if (found === undefined) return [`${wanted.type} ${answersOf(wanted).join(' ')} is gone`];
    if (!hasSameValues(found, wanted))
      return [`${wanted.type} holds ${answersOf(found).join(' ')} in place of ${answersOf(wanted).join(' ')}`];
    const isSame = found.ttlSeconds === wanted.ttlSeconds || ownTtls.includes(found.ttlSeconds);
    return isSame ? [] : [`${wanted.type} has a TTL of ${found.ttlSeconds} s in place of ${wanted.ttlSeconds} s`];
  });
  const extra = held.filter(({ type }) => desired.every((wanted) => wanted.type !== type));
  return [...missing, ...extra.map((rrset) => `${rrset.type} ${answersOf(rrset).join(' ')} was added`)];
}

function isAnswerType(type: Rrset['type']): boolean {
  return type === 'A' || type === 'AAAA' || type === 'CNAME';
}
