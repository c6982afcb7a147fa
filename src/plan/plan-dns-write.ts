// From the machine's wish (node, TTL level, epoch, seq) and what the provider lists to the one write that fulfils it, or to
// the reason why there is none. The same inputs always give the same write, so a resumed one needs no memory of the first.
import { deepFreeze } from '../base/deep-freeze.ts';
import type { DomainName, NodeId, ServiceId } from '../base/ids.ts';
import type { Rrset } from '../dns/rrset.ts';
import type { DnsIntent } from '../failover/intent.ts';
import type { Refusal } from '../failover/refusal.ts';
import { classifyOwnership } from './classify-ownership.ts';
import { desiredRrsets } from './desired-rrsets.ts';
import { diffRrsets, findForeign } from './diff-rrsets.ts';
import type { DnsWrite } from './dns-write.ts';
import { formatOwnership, type Ownership, parseOwnership } from './ownership.ts';
import { ownershipTxt } from './ownership-txt.ts';
import { type RecordTtl, ttlForLevel } from './ttl-for-level.ts';

export type PlanDnsWriteInput = {
  readonly cluster: string;
  readonly generation: number;
  readonly service: ServiceId;
  readonly record: {
    readonly name: DomainName;
    readonly zone: DomainName;
    readonly ttl: RecordTtl;
    /** Address that is written when the wish names no node (S28). */
    readonly sorry: string | null;
  };
  readonly nodes: readonly { readonly id: NodeId; readonly address: string }[];
  readonly intent: DnsIntent;
  readonly confirmed: DnsIntent | null;
  readonly unconfirmed: readonly DnsIntent[];
  /** RRsets of the zone as the provider lists them now. */
  readonly current: readonly Rrset[];
  /** A person has agreed that an address RRset without ownership TXT is taken over (`adopt --record`, S11). */
  readonly adoptsRecord: boolean;
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
  const nodeAddresses = [
    ...input.nodes.map(({ address }) => address),
    ...(record.sorry === null ? [] : [record.sorry]),
  ];
  const foreign = findForeign({ name: record.name, current, nodeAddresses }) ?? findUnowned(input, currentTxt);
  if (foreign !== null) return { kind: 'drift', refusal: foreign };
  if (standing.kind === 'done') return { kind: 'done' };
  const address = intent.node === null ? record.sorry : input.nodes.find(({ id }) => id === intent.node)?.address;
  if (address === undefined || address === null) return { kind: 'drift', refusal: unknownNode(intent.node) };
  const ttlSeconds = ttlForLevel(intent.level, record.ttl);
  const desired = desiredRrsets({ name: record.name, address, ttlSeconds, ownership: thisWrite });
  const changes = diffRrsets({ name: record.name, current, desired, nodeAddresses });
  if (!changes.ok) return { kind: 'drift', refusal: changes.error };
  const ownershipBefore = currentTxt === null ? null : normalTxt(currentTxt);
  const ownershipAfter = formatOwnership(thisWrite);
  const write = { service, zone: record.zone, changes: changes.value, ownershipBefore, ownershipAfter };
  return { kind: 'write', write: deepFreeze(write) };
}

/** The ownership that a write of the machine leaves behind. */
function ownershipOf(
  { cluster, service, generation }: Pick<PlanDnsWriteInput, 'cluster' | 'service' | 'generation'>,
  { epoch, seq }: DnsIntent,
): Ownership {
  return { cluster, service, generation, epoch, seq };
}

/** An address without our TXT was written by somebody else, even when it is a node's address (S26). */
function findUnowned({ record, current, adoptsRecord }: PlanDnsWriteInput, txt: string | null): Refusal | null {
  const address = current.find(({ name, type }) => name === record.name && (type === 'A' || type === 'AAAA'));
  if (txt !== null || address === undefined || adoptsRecord) return null;
  return {
    rule: 'S27.dns-drift',
    reason: `${record.name} ${address.type} exists without an ownership TXT: ${address.values.join(', ')}`,
    remedy: 'Remove the record, so that oneup can write its own',
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
