// Which nodes an agent speaks for, and what the configuration tells it about each of them. The one place that knows where
// the configuration keeps this.
import type { Config } from '../config/config.ts';
import type { NodeAgentConfig } from '../config/node-agent.ts';
import type { AgentGoal } from '../ports/agent-link.ts';

/** What an agent is told about a node that never changes while the configuration does not. */
export type AgentNode = Pick<AgentGoal, 'service' | 'node' | 'lease' | 'onStoreLoss' | 'actions'>;

/** Empty for a name that no node bears: a token may be made before the configuration is. */
export function nodesOfAgent({ services }: Pick<Config, 'services'>, name: string): readonly AgentNode[] {
  return services.flatMap(({ id: service, nodes }) =>
    nodes.flatMap(({ id: node, agent }) => (agent?.name === name ? [{ service, node, ...toldBy(agent) }] : [])),
  );
}

/** Secrets are revealed here, on their way to the one agent that needs them. */
function toldBy({ lease, onStoreLoss, start }: NodeAgentConfig): Omit<AgentNode, 'service' | 'node'> {
  if (start.kind === 'unit') return { lease, onStoreLoss, actions: { start } };
  const { argv, cwd, env } = start.command;
  const revealed = Object.fromEntries(env.map(([name, value]) => [name, value.reveal()]));
  return { lease, onStoreLoss, actions: { start: { kind: 'run', argv, env: revealed, cwd } } };
}
