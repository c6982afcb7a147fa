// Which addresses a write of a service's name puts there: that of the active node, or those of all that answer.
import type { NodeId } from '../base/ids.ts';
import type { DnsIntent } from '../failover/intent.ts';

type Placed = { readonly id: NodeId; readonly address: string };

/** In the order of the nodes; nodes that are not configured any more are left out. Empty without a write. */
export function publishedAddresses(nodes: readonly Placed[], write: DnsIntent | null): readonly string[] {
  const named = write?.answers?.map(({ node }) => node) ?? [write?.node ?? null];
  return nodes.filter(({ id }) => named.includes(id)).map(({ address }) => address);
}

/** Null where all shares are equal: then every answer holds all addresses, and a client may try the next one itself. */
export function weightsOf(answers: DnsIntent['answers']): readonly number[] | null {
  const weights = answers?.map(({ weight }) => weight) ?? [];
  return weights.every((weight) => weight === weights[0]) ? null : weights;
}
