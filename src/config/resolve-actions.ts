// Resolves the actions and the fence ladder of one node.
import type { ActionConfig, ActionsConfig, FenceLevelConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveCommand } from './resolve-command.ts';
import type { ActionsWritten, ActionWritten, FenceLevelWritten } from './schema/action-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

export function resolveActions(written: ActionsWritten, { scope, path }: Place): ActionsConfig {
  const action = (name: Exclude<keyof ActionsWritten, 'fence'>): ActionConfig | null => {
    const one = written[name];
    return one === undefined ? null : resolveAction(one, { scope, path: [...path, name] });
  };
  return {
    start: action('start'),
    stop: action('stop'),
    status: action('status'),
    precheck: action('precheck'),
    sync: action('sync'),
    resync: action('resync'),
    fence: written.fence.map((level, index) => resolveLevel(level, { scope, path: [...path, 'fence', index] })),
  };
}

function resolveAction(
  { exec, timeout }: Pick<ActionWritten, 'exec' | 'timeout'>,
  { scope, path }: Place,
): ActionConfig {
  return { driver: 'exec', command: resolveCommand(exec, { scope, path: [...path, 'exec'] }), timeoutMs: timeout };
}

function resolveLevel(written: FenceLevelWritten, { scope, path }: Place): FenceLevelConfig {
  const { confirm } = written;
  const act = resolveAction(written, { scope, path });
  if (confirm === undefined) return { act, confirm: null };
  return {
    act,
    confirm: {
      query: resolveAction(confirm, { scope, path: [...path, 'confirm'] }),
      offStates: confirm.offStates,
      intervalMs: confirm.interval,
    },
  };
}
