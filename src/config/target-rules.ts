// Rules about nodes that are published by name or as an alias: one name leads to one target, and only Route 53 knows aliases.
import type { ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const TARGET_RULES: readonly ConfigRule[] = [
  allTargetsOrNone,
  oneTargetAtATime,
  targetIsElsewhere,
  aliasesAtRoute53,
].map((rule) => (draft) => draft.services.flatMap((service) => rule(service, ['services', service.id], draft)));

/** A CNAME stands alone (RFC 1034 section 3.6.2): a move from one to an address would need both at once for somebody. */
function allTargetsOrNone({ nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const named = nodes.filter(({ publishes }) => publishes.kind === 'name').length;
  const index = nodes.findIndex(({ publishes }) => publishes.kind !== 'name');
  if (named === 0 || index < 0) return [];
  const reason = `node ${nodes[index]?.id} has no target, and others have: a CNAME and an address cannot take turns`;
  const remedy = 'Give every node a target, or none';
  return [{ path: [...path, 'nodes', index], point: 'key', reason, remedy, rule: 'RFC 1034 3.6.2' }];
}

function oneTargetAtATime({ activeActive, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const index = nodes.findIndex(({ publishes }) => publishes.kind !== 'address');
  const [kind] = nodes.flatMap(({ publishes }) => (publishes.kind === 'address' ? [] : [keyOf(publishes.kind)]));
  if (activeActive === null || kind === undefined) return [];
  const reason = 'a name leads to one target, and the nodes of an active-active service are answered together';
  const remedy = 'Write addresses, or mode: active-passive';
  return [{ path: [...path, 'nodes', index, kind], point: 'key', reason, remedy }];
}

function targetIsElsewhere({ nodes, record }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  return nodes.flatMap(({ publishes }, index) => {
    if (publishes.kind !== 'name' || publishes.target !== record.name) return [];
    const reason = `${record.name} would lead to itself`;
    return [{ path: [...path, 'nodes', index, 'target'], reason, remedy: 'Write the name of the node itself' }];
  });
}

export function aliasesAtRoute53(
  { nodes, record }: ServiceConfig,
  path: ConfigPath,
  { providers }: RuleDraft,
): readonly ConfigFinding[] {
  const provider = providers?.find(({ name }) => name === record.provider);
  const index = nodes.findIndex(({ publishes }) => publishes.kind === 'alias');
  if (index < 0 || provider === undefined || provider.kind === 'route53') return [];
  const reason = `provider ${provider.name} is of kind ${provider.kind}, and aliases are of Route 53 alone`;
  const remedy = 'Write target, which is published as a CNAME, or address';
  return [{ path: [...path, 'nodes', index, 'alias'], point: 'key', reason, remedy }];
}

function keyOf(kind: 'name' | 'alias'): 'target' | 'alias' {
  return kind === 'name' ? 'target' : 'alias';
}
