// An agent that has followed a later generation than the store has, or another store of the same one: it is right, and this store
// is an old one (S4). Nobody can call an agent, so what it says is written down for `oneup recover`, which begins above it.
import type { Guard } from '../ports/store.ts';
import { type AgentSource, denied, type Generation, isSame } from './agent-source.ts';
import { settleCommit } from './settle-commit.ts';
import type { Caller } from './token-gate.ts';

/** Far more than a cluster is ever recovered; an agent that claims more must not spend the numbers. */
const NOTED_MAX = 1_000_000_000;

type Compared = { readonly known: Generation | null; readonly current: Generation };

/** Rejects with ONEUP_AGENT_DENIED. */
export async function requireNotBehind(
  source: AgentSource,
  { agent }: Pick<Caller, 'agent'>,
  { known, current }: Compared,
): Promise<void> {
  if (known === null || known.number < current.number || isSame(known, current)) return;
  // Best effort: it says so again with its next request.
  if (known.number <= NOTED_MAX) await note(source, agent, known.number).catch(() => undefined);
  const what = known.number === current.number ? 'another store of the same generation' : `generation ${known.number}`;
  throw denied(`it has seen ${what}, this store is in generation ${current.number}`, {
    remedy:
      'See oneup status: this store is an older one, or of another cluster. If it is the one to go on with, run oneup recover: its next generation is above both',
  });
}

async function note({ store, keys, uniqueId }: AgentSource, agent: string, number: number): Promise<void> {
  const key = keys.agentAhead(agent);
  const entry = await store.get(key);
  const value = String(number);
  if (entry?.value === value) return;
  const guard: Guard = entry === null ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version };
  await settleCommit(store, { guards: [guard], writes: [{ kind: 'put', key, value }], token: uniqueId() });
}
