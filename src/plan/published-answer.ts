// What a node puts under the name of its service: an address, the name of something else as a CNAME, or an alias target.
import type { DomainName, NodeId } from '../base/ids.ts';
import { parseAddress } from '../dns/address.ts';
import type { AliasTarget, Rrset } from '../dns/rrset.ts';
import { answersOf } from '../dns/rrset-equality.ts';

export type PublishedAnswer =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'name'; readonly target: DomainName }
  /** One alias for each of `types`: a target that has no IPv6 address has none to give. */
  | { readonly kind: 'alias'; readonly target: AliasTarget; readonly types: readonly ('A' | 'AAAA')[] };

export type PlacedNode = {
  readonly id: NodeId;
  /** IPv4 or IPv6 address, or a host name where the node has no address of its own. */
  readonly address: string;
  /** Absent: the address. */
  readonly publishes?: PublishedAnswer;
};

export function publishedBy({ address, publishes }: Omit<PlacedNode, 'id'>): PublishedAnswer {
  return publishes ?? { kind: 'address', address };
}

/**
 * The RRsets of `name` that hold these answers; several only for addresses, all of one family. Throws RangeError otherwise:
 * configuration has checked it, so this is a programmer's fault.
 */
export function answerRrsets(
  name: DomainName,
  answers: readonly PublishedAnswer[],
  { ttlSeconds, weights = null }: { readonly ttlSeconds: number; readonly weights?: readonly number[] | null },
): readonly Rrset[] {
  const [first] = answers;
  if (answers.length === 1 && first?.kind === 'name') {
    return [{ name, type: 'CNAME', ttlSeconds, values: [first.target] }];
  }
  if (answers.length === 1 && first?.kind === 'alias') {
    const { target: alias, types } = first;
    return types.map((type) => ({ name, type, ttlSeconds: 0, values: [], alias }));
  }
  const addresses = answers.map((answer) => addressOf(name, answer));
  const families = new Set(addresses.map(({ family }) => family));
  const [family] = families;
  if (family === undefined || families.size > 1) {
    const shown = addresses.map(({ address }) => address).join(', ');
    throw new RangeError(`Cannot publish ${name}: expected addresses of one family, value was ${shown}`);
  }
  const values = addresses.map(({ address }) => address);
  return [{ name, type: family === 4 ? 'A' : 'AAAA', ttlSeconds, values, ...(weights === null ? {} : { weights }) }];
}

/** What `answersOf` says of every RRset that these nodes can leave behind: by this oneup knows what it may have written. */
export function ownAnswers(name: DomainName, published: readonly PublishedAnswer[]): readonly string[] {
  return published.flatMap((answer) => answerRrsets(name, [answer], { ttlSeconds: 0 }).flatMap(answersOf));
}

function addressOf(name: DomainName, answer: PublishedAnswer): { readonly address: string; readonly family: 4 | 6 } {
  if (answer.kind !== 'address')
    throw new RangeError(`Cannot publish ${name}: expected one target, or addresses alone`);
  const parsed = parseAddress(answer.address);
  if (!parsed.ok) throw new RangeError(`Cannot publish ${name}: ${parsed.error}`);
  return { address: answer.address, family: parsed.value.family };
}
