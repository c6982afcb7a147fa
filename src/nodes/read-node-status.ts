// The role of a node as its guard remembers it and as the configured `status` action sees it (S13). What is seen beats what
// is remembered; a start script that runs beats everything but `active`, because it may make the node active any moment.
import type { ActionsConfig } from '../config/config.ts';
import type { ActionContext, NodeRole, NodeStatus } from '../ports/node-driver.ts';
import type { ActionCarriers, Question, Recalled } from './action-carrier.ts';
import { carrierOf } from './carrier-of.ts';

type Options = {
  readonly carriers: ActionCarriers;
  readonly actions: ActionsConfig | null;
  readonly signal: AbortSignal;
};
type Role = { readonly role: NodeRole; readonly reason: string };

/** Changes nothing and never rejects. The guard that is asked is the one that hears of starts. */
export async function readNodeStatus(
  context: ActionContext,
  { carriers, actions, signal }: Options,
): Promise<NodeStatus> {
  const question: Question = { context, action: 'status', signal };
  const remembering = actions?.start ?? actions?.stop ?? null;
  const recall = remembering === null ? NOTHING : carrierOf(remembering, carriers).recall(question);
  const status = actions?.status ?? null;
  const see = status === null ? null : carrierOf(status, carriers).query(question);
  const [recalled, answer] = await Promise.all([recall, see]);
  const { isStarting, isHeard, ...remembered } = recalled;
  if (answer === null) return remembered;
  const seen: Role =
    answer.kind === 'failed' ? { role: 'unknown', reason: answer.reason } : { ...roleOfWord(answer.word) };
  return { ...remembered, ...combineRoles(recalled, seen) };
}

const NOTHING: Recalled = {
  role: 'unknown',
  running: null,
  generation: 0,
  epoch: 0,
  step: 0,
  lastResult: null,
  reason: 'Neither start nor stop is configured, so no guard remembers this node',
  isStarting: false,
  isHeard: false,
};

function roleOfWord(word: string): Role {
  const role = ROLES.find((name) => name === word);
  if (role !== undefined) return { role, reason: `The status action says ${role}` };
  const said = JSON.stringify(word.slice(0, WORD_CHARS));
  const reason = `Cannot use the status action: expected one of ${ROLES.join(', ')}, value was ${said}`;
  return { role: 'unknown', reason };
}

const ROLES = ['active', 'standby', 'stopped', 'starting'] as const;
/** Longest wrong answer of a status action that is repeated in a reason. */
const WORD_CHARS = 100;

function combineRoles(remembered: Recalled, seen: Role): Role {
  if (remembered.isStarting && seen.role !== 'active') {
    return { role: 'starting', reason: `${remembered.reason}, whatever the status action says (${seen.role})` };
  }
  if (seen.role === remembered.role) return seen;
  return { role: seen.role, reason: `${seen.reason}, against the guard: ${remembered.reason}` };
}
