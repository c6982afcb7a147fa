// From the machine's wish (node, TTL level, epoch, seq) and what the provider lists to the one write that fulfils it, or to
// the reason why there is none. The same inputs always give the same write, so a resumed one needs no memory of the first.
import { deepFreeze } from '../base/deep-freeze.ts';
import type { DomainName, NodeId, ServiceId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Rrset } from '../dns/rrset.ts';
import { answersOf } from '../dns/rrset-equality.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { Refusal } from '../failover/refusal.ts';
import { classifyOwnership } from './classify-ownership.ts';
import { desiredRrsets } from './desired-rrsets.ts';
import { diffRrsets, findForeign } from './diff-rrsets.ts';
import type { DnsWrite } from './dns-write.ts';
import { formatOwnership, type Ownership, parseOwnership } from './ownership.ts';
import { ownershipTxt } from './ownership-txt.ts';
import { weightsOf } from './published-addresses.ts';
import { ownAnswers, type PlacedNode, type PublishedAnswer, publishedBy } from './published-answer.ts';
import { type RecordTtl, ttlForLevel } from './ttl-for-level.ts';

export type PlanDnsWriteInput = {
  readonly cluster: string;
  readonly generation: number;
  readonly service: ServiceId;
  readonly record: {
    readonly name: DomainName;
    readonly zone: DomainName;
    readonly ttl: RecordTtl;
    /** What is written when the wish names no node (S28): an address, or the absolute name of a target. */
    readonly sorry: string | null;
  };
  readonly nodes: readonly PlacedNode[];
  readonly intent: DnsIntent;
  readonly confirmed: DnsIntent | null;
  readonly unconfirmed: readonly DnsIntent[];
  /** RRsets of the zone as the provider lists them now. */
  readonly current: readonly Rrset[];
  /** A person has agreed that an address RRset without ownership TXT is taken over (`adopt --record`, S11). */
  readonly adoptsRecord: boolean;
  /** Foreign values beside the expected TXT are replaced: the configuration asks for it (S27). */
  readonly repairsDrift: boolean;
};

/** `done`: this write is in force already. `drift`: a foreign hand, a person decides (S27). `stale`: somebody above us wrote, so resign. */
export type DnsWritePlan =
  | { readonly kind: 'write'; readonly write: DnsWrite }
  | { readonly kind: 'done' }
  | { readonly kind: 'drift'; readonly refusal: Refusal }
  | { readonly kind: 'stale'; readonly reason: string };

export function planDnsWrite(input: PlanDnsWriteInput): DnsWritePlan {
  const { service, record, intent, current } = input;
  const thisWrite = ownershipOf(input, intent);
  const currentTxt = ownershipTxt(record.name, current);
  const standing = classifyOwnership({
    currentTxt,
    thisWrite,
    expectedBefore: input.confirmed === null ? null : ownershipOf(input, input.confirmed),
    unconfirmedIntents: input.unconfirmed.map((other) => ownershipOf(input, other)),
  });
  if (standing.kind === 'stale' || standing.kind === 'drift') return standing;
  const own = ownAnswers(record.name, [...input.nodes.map(publishedBy), ...sorryOf(record)]);
  const isMending = input.repairsDrift && standing.kind === 'expected' && currentTxt !== null;
  const ours = isMending ? [...own, ...answersAt(record.name, current)] : own;
  const foreign = findForeign({ name: record.name, current, ownAnswers: ours }) ?? findUnowned(input, currentTxt);
  if (foreign !== null) return { kind: 'drift', refusal: foreign };
  if (standing.kind === 'done') return { kind: 'done' };
  const answers = answersFor(input);
  if (!answers.ok) return { kind: 'drift', refusal: unknownNode(answers.error) };
  const ttlSeconds = ttlForLevel(intent.level, record.ttl);
  const desired = desiredRrsets({
    name: record.name,
    answers: answers.value,
    weights: weightsOf(intent.answers),
    ttlSeconds,
    ownership: thisWrite,
  });
  const changes = diffRrsets({ name: record.name, current, desired, ownAnswers: ours });
  if (!changes.ok) return { kind: 'drift', refusal: changes.error };
  const ownershipBefore = currentTxt === null ? null : normalTxt(currentTxt);
  const ownershipAfter = formatOwnership(thisWrite);
  const write = { service, zone: record.zone, changes: changes.value, ownershipBefore, ownershipAfter };
  return { kind: 'write', write: deepFreeze(write) };
}

function sorryOf({ sorry }: PlanDnsWriteInput['record']): readonly PublishedAnswer[] {
  if (sorry === null) return [];
  return [sorry.endsWith('.') ? { kind: 'name', target: sorry } : { kind: 'address', address: sorry }];
}

function answersAt(name: DomainName, current: readonly Rrset[]): readonly string[] {
  return current
    .filter((rrset) => rrset.name === name && (rrset.type === 'A' || rrset.type === 'AAAA' || rrset.type === 'CNAME'))
    .flatMap(answersOf);
}

/** What this write names, or the node that is not configured any more. */
export function answersFor({
  intent,
  nodes,
  record,
}: Pick<PlanDnsWriteInput, 'intent' | 'nodes' | 'record'>): Result<readonly PublishedAnswer[], NodeId | null> {
  if (intent.node === null && intent.answers === undefined)
    return record.sorry === null ? err(null) : ok(sorryOf(record));
  const named = intent.answers?.map(({ node }) => node) ?? [intent.node];
  const answers: PublishedAnswer[] = [];
  for (const node of named) {
    const found = nodes.find(({ id }) => id === node);
    if (found === undefined) return err(node);
    answers.push(publishedBy(found));
  }
  return ok(answers);
}

/** The ownership that a write of the machine leaves behind. */
export function ownershipOf(
  { cluster, service, generation }: Pick<PlanDnsWriteInput, 'cluster' | 'service' | 'generation'>,
  { epoch, seq }: DnsIntent,
): Ownership {
  return { cluster, service, generation, epoch, seq };
}

/** An answer without our TXT was written by somebody else, even when it is a node's (S26). */
function findUnowned(
  { service, record, current, adoptsRecord }: PlanDnsWriteInput,
  txt: string | null,
): Refusal | null {
  const address = current.find(
    ({ name, type }) => name === record.name && (type === 'A' || type === 'AAAA' || type === 'CNAME'),
  );
  if (txt !== null || address === undefined || adoptsRecord) return null;
  return {
    rule: 'S27.dns-drift',
    reason: `${record.name} ${address.type} exists without an ownership TXT: ${answersOf(address).join(', ')}`,
    remedy: `Run oneup adopt ${service} --record to take it over, or remove it, so that oneup can write its own`,
  };
}

function unknownNode(node: NodeId | null): Refusal {
  return {
    rule: 'node.unknown',
    reason: `${node === null ? 'the address that says sorry' : `node ${node}`} is to be published and is not in the configuration`,
    remedy: 'Add the node again, or switch over to another one',
  };
}

function normalTxt(text: string): string {
  const parsed = parseOwnership(text);
  return parsed.ok ? formatOwnership(parsed.value) : text;
}
