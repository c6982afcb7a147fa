// The node that the owner of a service would like to be active.
import type { NodeRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';

/** The lowest priority above zero, the first of equal ones; null when every node has none. */
export function preferredNode({ rules }: Pick<MachineState, 'rules'>): NodeRules | null {
  const choices = rules.nodes.filter(({ priority }) => priority > 0);
  return choices.reduce<NodeRules | null>(
    (best, node) => (best === null || node.priority < best.priority ? node : best),
    null,
  );
}
