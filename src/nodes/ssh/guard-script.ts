// The script that goes over stdin to the node: what is to be done, then the guard, then one call. Nothing is installed there,
// and what is secret is in no argument that other users of the node could read.
import type { ActionContext } from '../../ports/node-driver.ts';
import { GUARD_DIALOGUE } from './guard-dialogue.ts';
import { GUARD_MEMORY } from './guard-memory.ts';
import { GUARD_STEPS } from './guard-steps.ts';
import { quoteWord } from './quote-word.ts';

export type GuardOrder = {
  readonly mode: 'act' | 'adopt' | 'off' | 'status' | 'query';
  readonly action: string;
  readonly context: ActionContext;
  readonly part: number;
  readonly timeoutMs: number;
  readonly stateDir: string;
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
};

export function guardScript(order: GuardOrder): string {
  const { mode, action, context, part, timeoutMs, stateDir, argv, variables } = order;
  const { cluster, service, node, generation, epoch, step } = context;
  const settings = Object.entries({
    ...{ dir: stateDir, cluster, service, node, mode, action, gen: generation, epoch, step, part },
    // Hundredths of a second, as /proc/uptime counts.
    timeout: Math.ceil(timeoutMs / 10),
  }).map(([name, value]) => `${name}=${quoteWord(String(value))}\n`);
  const exports = Object.entries(variables).map(([name, value]) => `  export ${name}=${quoteWord(value)}\n`);
  return [
    ...settings,
    `variables() {\n${exports.join('')}  :\n}\n`,
    ...[GUARD_MEMORY, GUARD_STEPS, GUARD_DIALOGUE],
    `main${argv.map((word) => ` ${quoteWord(word)}`).join('')}\n`,
  ].join('');
}
