// Whether every agent of the configuration is connected, and whether its lease can prove anything (S16).
import type { Config, NodeConfig } from '../../config/config.ts';
import type { Facts } from './facts.ts';
import type { Finding } from './finding.ts';

/** `facts` is null when nobody could ask the store, which is all that probers know of agents. */
export function judgeAgents({ services }: Config, facts: Facts | null): readonly Finding[] {
  return services.flatMap(({ id, nodes }) =>
    nodes.flatMap((node): readonly Finding[] => {
      if (node.agent === null) return [];
      const subject = `${node.agent.name} (${id}/${node.id})`;
      return [{ area: 'agent', subject, ...judge(node, `${id}/${node.id}`, facts) }];
    }),
  );
}

function judge({ leaseProof }: NodeConfig, key: string, facts: Facts | null): Pick<Finding, 'outcome' | 'says'> {
  if (facts === null) return { outcome: 'untried', says: 'the store was not there to say whether it is connected' };
  const enforced = facts.agents[key];
  if (enforced === undefined)
    return {
      outcome: 'wrong',
      says: 'not connected to any prober: is oneup agent run there, with a token that is in force?',
    };
  const unfit = facts.unfit[key];
  if (unfit !== undefined) return { outcome: 'wrong', says: `connected, but it cannot start the service: ${unfit}` };
  if (enforced === 'none' && leaseProof)
    return { outcome: 'wrong', says: 'connected, but nobody enforces its lease: it proves nothing (S16)' };
  return { outcome: 'ok', says: `connected, its lease is enforced by ${enforced === 'none' ? 'nobody' : enforced}` };
}
