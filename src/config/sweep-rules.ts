// A sweep asks the status action of every node (S25): whoever writes how often, and has no such action, expects a look that nobody
// takes.
import type { ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';

/** `written` is the section as it stands in the file, before any default. */
export function sweepRules(
  { nodes, sweep }: ServiceConfig,
  { written, path }: { readonly written: unknown; readonly path: ConfigPath },
): readonly ConfigFinding[] {
  const isWritten = typeof written === 'object' && written !== null && 'sweep' in written;
  if (!isWritten || sweep === null || nodes.some(({ actions }) => actions.status !== null)) return [];
  const reason = 'there is no status action that the sweep could ask, so nothing is asked';
  const at = [...path, 'sweep'];
  return [{ path: at, point: 'key', reason, remedy: 'Add actions.status', rule: 'S25', severity: 'warning' }];
}
