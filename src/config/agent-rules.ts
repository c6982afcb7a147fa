// Rules about agents and their leases: what is written once, what adds up (S14), and where agents find a prober.
import { formatDuration } from '../base/duration.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import type { ConfigRule, RuleDraft } from './rule-draft.ts';
import type { ServiceWritten } from './schema/service-schema.ts';

export const AGENT_RULES: readonly ConfigRule[] = [leasesAddUp, agentsAreHeard, agentsAreDifferent];

const SECOND_MS = 1_000;

/** S14: what is taken off the end of a lease leaves room for the renewals that may fail. */
function leasesAddUp({ services }: RuleDraft): readonly ConfigFinding[] {
  return services.flatMap(({ id, nodes }): readonly ConfigFinding[] => {
    const lease = nodes[0]?.agent?.lease;
    if (lease === undefined) return [];
    const { periodMs, stopTimeoutMs, marginMs } = lease;
    const takenMs = stopTimeoutMs + 2 * marginMs;
    if (takenMs < (2 * periodMs) / 3) return [];
    // The next whole second above what would still be refused.
    const least = formatDuration((Math.floor((3 * takenMs) / 2 / SECOND_MS) + 1) * SECOND_MS);
    return [
      {
        path: ['services', id, 'agent', 'lease'],
        reason: `stopTimeout and twice the margin take ${formatDuration(takenMs)}, which is two thirds of the lease of ${formatDuration(periodMs)} or more`,
        remedy: `Write a lease of at least ${least}, or a shorter stopTimeout or cluster.timing.margin`,
        rule: 'S14',
      },
    ];
  });
}

/** Agents come to the probers, never the other way round. */
function agentsAreHeard({ cluster, services }: RuleDraft): readonly ConfigFinding[] {
  const withAgent = services.find(({ nodes }) => nodes.some(({ agent }) => agent !== null));
  if (cluster === null || withAgent === undefined) return [];
  if (cluster.probers.some(({ apiListen }) => apiListen.length > 0)) return [];
  const reason = `the agents of service ${withAgent.id} need a prober that listens for them, and none does`;
  return [
    { path: ['cluster', 'api'], reason, remedy: 'Write listen: and tls: here, as docs/agent.md shows', rule: 'S14' },
  ];
}

/** Two nodes of one service on one machine would fail together, and one agent cannot speak for both. */
function agentsAreDifferent({ services }: RuleDraft): readonly ConfigFinding[] {
  return services.flatMap(({ id, nodes }) =>
    nodes.flatMap(({ agent }, index): readonly ConfigFinding[] => {
      const first = nodes.findIndex((other) => other.agent !== null && other.agent.name === agent?.name);
      if (agent === null || first === index) return [];
      const reason = `agent ${agent.name} speaks for nodes[${first}] of this service already`;
      return [{ path: ['services', id, 'nodes', index, 'agent'], reason, remedy: 'Name the agent of this node' }];
    }),
  );
}

/** Start and stop are the agent's; a second one beside it would start what no lease covers (S14). */
export function agentStartsAlone(written: ServiceWritten, path: ConfigPath): readonly ConfigFinding[] {
  if (written.agent === undefined) {
    return written.nodes.flatMap((node, index): readonly ConfigFinding[] => {
      if (node.agent === undefined) return [];
      const reason = 'the service has no agent';
      return [
        { path: [...path, 'nodes', index, 'agent'], reason, remedy: 'Write agent: for the service, or remove this' },
      ];
    });
  }
  return (['start', 'stop'] as const).flatMap((action): readonly ConfigFinding[] => {
    if (written.actions[action] === undefined) return [];
    const reason = `the agent starts and stops this service, and actions.${action} would do so beside it`;
    return [{ path: [...path, 'actions', action], reason, remedy: 'Remove it, or remove agent:', rule: 'S14' }];
  });
}
