// Rules about active-active services: can as many nodes be healthy as are asked for, and can the record say what is wanted.
import type { ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';

export const SET_RULES: readonly ConfigRule[] = [minHealthyIsReachable, oneFamily, weightsCanBeServed].map(
  (rule) => (draft) =>
    draft.services.flatMap((service) =>
      service.activeActive === null ? [] : rule(service, ['services', service.id], draft),
    ),
);

function minHealthyIsReachable({ activeActive, nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  if (activeActive === null || activeActive.minHealthy <= nodes.length) return [];
  const reason = `the service has ${nodes.length} nodes, so it would never follow their health`;
  return [{ path: [...path, 'minHealthy'], reason, remedy: `Write at most ${nodes.length}`, rule: 'S28' }];
}

/** S28: the last node of one family that leaves would leave its clients an empty answer. */
function oneFamily({ nodes }: ServiceConfig, path: ConfigPath): readonly ConfigFinding[] {
  const isSix = (address: string) => address.includes(':');
  const index = nodes.findIndex(({ address }) => isSix(address) !== isSix(nodes[0]?.address ?? ''));
  if (index < 0) return [];
  return [
    {
      path: [...path, 'nodes', index, 'address'],
      reason: 'the nodes of an active-active service have addresses of one family, or one family could be left empty',
      remedy: 'Give the other family a service and a name of its own',
      rule: 'S28',
    },
  ];
}

/**
 * Our own name servers and Route 53 choose between the addresses of one name; another provider would answer all of them alike.
 * A slow start changes the shares every few seconds, and each change is a write.
 */
export function weightsCanBeServed(
  { activeActive, nodes, record }: ServiceConfig,
  path: ConfigPath,
  { providers }: RuleDraft,
): readonly ConfigFinding[] {
  const provider = providers?.find(({ name }) => name === record.provider);
  if (provider === undefined || provider.kind === 'builtin') return [];
  const choosesByWeight = provider.kind === 'route53';
  const reason = choosesByWeight
    ? 'a slow start changes the shares every few seconds, and each change would be calls of the API'
    : `provider ${record.provider} answers all addresses of a name alike`;
  const remedy = 'Remove it, or keep the name in a zone of provider builtin';
  const weighted = (choosesByWeight ? [] : nodes).flatMap(({ weight }, index) =>
    weight === nodes[0]?.weight ? [] : [[...path, 'nodes', index, 'weight']],
  );
  const slow = (activeActive?.slowStartMs ?? 0) > 0 ? [[...path, 'slowStart']] : [];
  return [...weighted, ...slow].map((at) => ({ path: at, reason, remedy }));
}
