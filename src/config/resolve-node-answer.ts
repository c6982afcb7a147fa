// What a node puts into DNS, and under which host name it is known where it has no address of its own.
import type { PublishedAnswer } from '../plan/published-answer.ts';
import type { NodeWritten } from './schema/node-schema.ts';

export type NodeAnswer = { readonly address: string; readonly publishes: PublishedAnswer };

export function resolveNodeAnswer({ address = '', target, alias }: NodeWritten): NodeAnswer {
  if (target !== undefined) return { address: hostName(target), publishes: { kind: 'name', target } };
  if (alias !== undefined) {
    const { hostedZoneId, dnsName, types } = alias;
    const at = { hostedZoneId, dnsName, evaluateTargetHealth: false };
    return { address: hostName(dnsName), publishes: { kind: 'alias', target: at, types: [...new Set(types)] } };
  }
  return { address, publishes: { kind: 'address', address } };
}

/** As resolvers and commands take it. */
function hostName(name: string): string {
  return name.slice(0, -1);
}
