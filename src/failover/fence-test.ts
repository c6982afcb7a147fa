// The command that fires the fence ladder of a standby to see that each level proves what it says (S18), outside of a failover but
// with everything that guards one: a term, steps, a journal (S10, S12).
import { findNode, isReply, notFree, refused } from './command-guards.ts';
import { fenceTestRefusal } from './fence-test-rules.ts';
import type { CommandReply, MachineCommand } from './machine-command.ts';
import { begin } from './move-commands.ts';
import type { Refusal } from './refusal.ts';
import type { NodeRules, ServiceRules } from './service-rules.ts';
import type { MachineState } from './service-state.ts';
import { patchOperation, type Transition } from './transition.ts';

type FenceTest = Extract<MachineCommand, { kind: 'fenceTest' }>;

export function testFence(t: Transition, actor: string, command: FenceTest): CommandReply {
  const refusal = mayTestFence(t.state, command);
  if (refusal !== null) return refusal;
  const { node, level, reason } = command;
  const reply = begin(t, { kind: 'fenceTest', from: node, to: null, reason, actor });
  patchOperation(t, { clear: [node], fenceLevel: level ?? 0, onlyLevel: level });
  return reply;
}

/** The refusal of the command, or null; also for whoever only wants to know. */
export function mayTestFence(state: MachineState, { node, level }: Pick<FenceTest, 'node' | 'level'>) {
  const found = findNode(state, node);
  if (isReply(found)) return found;
  const wrongLevel = noSuchLevel(state.rules, found, level);
  if (wrongLevel !== null) return refused(wrongLevel.rule, wrongLevel.reason, wrongLevel.remedy);
  const busy = notFree(state);
  if (busy !== null) return busy;
  const refusal = fenceTestRefusal(state, node);
  return refusal === null ? null : refused(refusal.rule, refusal.reason, refusal.remedy);
}

function noSuchLevel({ id }: ServiceRules, { id: node, fenceLevels }: NodeRules, level: number | null): Refusal | null {
  const rule = 'S20.no-fence-ladder';
  if (fenceLevels === 0) {
    const remedy = 'Write actions.fence; docs/fencing.md has recipes';
    return { rule, reason: `node ${node} of ${id} has no fence level, so there is nothing to test`, remedy };
  }
  if (level === null || level < fenceLevels) return null;
  const reason = `node ${node} of ${id} has fence levels 1 to ${fenceLevels}, value was ${level + 1}`;
  return { rule, reason, remedy: 'Name one of its levels, or none to fire them all' };
}
