// Rules about moving a service: what a restart needs, how many nodes can be asked for, and where a name may point meanwhile.
import type { ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { findDuplicates } from './find-duplicates.ts';
import type { ConfigRule } from './rule-draft.ts';

export const MOVE_RULES: readonly ConfigRule[] = [
  restartIsPossible,
  startableIsReachable,
  resyncIsPossible,
  gatesDiffer,
  sorryIsElsewhere,
].map(
  (rule) =>
    ({ services }) =>
      services.flatMap((service) => rule(service, ['services', service.id])),
);

/** A restart is a stop with proof and a start; without one of them it would only delay the failover. */
function restartIsPossible({ restart, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const isPossible = nodes.every(({ actions }) => actions.start !== null && actions.stop !== null);
  if (restart.attempts === 0 || isPossible) return [];
  const reason = 'a restart in place needs both a stop and a start action';
  const remedy = 'Add actions.stop and actions.start, or write 0';
  return [{ path: [...path, 'restart', 'attempts'], reason, remedy }];
}

function startableIsReachable({ safety, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const eligible = nodes.filter(({ priority }) => priority > 0).length;
  if (safety.minStartable <= eligible) return [];
  const reason = `only ${eligible} of the nodes may ever be started, so the service could never be moved`;
  return [{ path: [...path, 'safety', 'minStartable'], reason, remedy: `Write at most ${eligible}` }];
}

function resyncIsPossible({ failover, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (failover.resyncAfter === 'failure' || nodes.every(({ actions }) => actions.resync !== null)) return [];
  const reason = 'a node without a resync action would be a candidate again at once, as if nothing had been asked for';
  return [{ path: [...path, 'failover', 'resyncAfter'], reason, remedy: 'Add actions.resync, or write failure' }];
}

function gatesDiffer({ safety }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  return findDuplicates(safety.gates).map(({ value, index, firstIndex }) => ({
    path: [...path, 'safety', 'gates', index],
    reason: `gate ${value} is already named by gates[${firstIndex}]`,
    remedy: 'Name each gate once',
  }));
}

/** S28: the sorry address stands in for nodes that must not be named, so it is none of them and of a family they have. */
function sorryIsElsewhere({ record: { sorry }, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (sorry === null) return [];
  const at = [...path, 'record', 'sorry'];
  const node = nodes.find(({ address }) => address === sorry.replace(/\.$/, ''));
  if (node !== undefined) {
    const reason = `this is the address of node ${node.id}, which may be the one that failed`;
    return [{ path: at, reason, remedy: 'Write the address of another machine', rule: 'S28' }];
  }
  const isTarget = nodes.some(({ publishes }) => publishes.kind === 'name');
  if (isTarget !== sorry.endsWith('.')) {
    const reason = `the nodes have ${isTarget ? 'targets' : 'addresses'}, and a CNAME and an address cannot take turns`;
    return [{ path: at, reason, remedy: isTarget ? 'Write a name' : 'Write an address', rule: 'RFC 1034 3.6.2' }];
  }
  if (isTarget) return [];
  const isSameFamily = nodes.some(({ address }) => address.includes(':') === sorry.includes(':'));
  if (isSameFamily) return [];
  const family = sorry.includes(':') ? 'IPv4' : 'IPv6';
  const reason = `all nodes have ${family} addresses, so clients that ask for them would not get this one`;
  return [{ path: at, reason, remedy: `Write an ${family} address`, rule: 'S28' }];
}
