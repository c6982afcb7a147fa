// The file of an agent, for a command that cannot go on without one.
import { OneupError } from '../base/oneup-error.ts';
import type { AgentFile } from '../config/agent-file.ts';
import { formatProblems } from '../config/format-problems.ts';
import { loadAgentFile } from '../config/load-agent.ts';

/** Throws ONEUP_CONFIG_INVALID with every problem of the file. */
export function agentFileOrThrow(path: string): AgentFile {
  const loaded = loadAgentFile(path);
  if (loaded.ok) return loaded.value;
  throw new OneupError('ONEUP_CONFIG_INVALID', formatProblems(loaded.error), {
    remedy: 'Correct the listed lines of the file of the agent, and start it again',
  });
}
