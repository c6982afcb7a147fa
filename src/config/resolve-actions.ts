// Resolves the actions and the fence ladder of one node.
import type { ActionConfig } from './action-config.ts';
import type { ActionsConfig, FenceLevelConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import type { NodeScope } from './node-scope.ts';
import { resolveCommand } from './resolve-command.ts';
import { resolveHook } from './resolve-hook.ts';
import { resolveSsh } from './resolve-ssh.ts';
import type { ActionsWritten, FenceLevelWritten } from './schema/action-schema.ts';
import type { DriverWritten } from './schema/driver-schema.ts';

type Place = { readonly scope: NodeScope; readonly path: ConfigPath };

export function resolveActions(written: ActionsWritten, { scope, path }: Place): ActionsConfig {
  const action = (name: ActionName): ActionConfig | null => {
    const one = written[name];
    if (one === undefined) return null;
    const timeout = one.timeout ?? DEFAULT_TIMEOUTS_MS[name];
    return resolveAction({ ...one, timeout }, { scope, path: [...path, name] });
  };
  return {
    start: action('start'),
    stop: action('stop'),
    status: action('status'),
    precheck: action('precheck'),
    sync: action('sync'),
    resync: action('resync'),
    drain: action('drain'),
    undrain: action('undrain'),
    fence: written.fence.map((level, index) => resolveLevel(level, { scope, path: [...path, 'fence', index] })),
  };
}

type ActionName = Exclude<keyof ActionsWritten, 'fence'>;

/** Asking is quick, starting may replay a log, draining waits for clients, a fenced node may have to copy everything. */
const DEFAULT_TIMEOUTS_MS: Readonly<Record<ActionName, number>> = {
  start: 120_000,
  stop: 60_000,
  status: 20_000,
  precheck: 20_000,
  sync: 300_000,
  resync: 1_800_000,
  drain: 300_000,
  undrain: 60_000,
};

type Timed = Partial<DriverWritten> & { readonly timeout: number };

function resolveAction({ exec, ssh, http, timeout: timeoutMs }: Timed, { scope, path }: Place): ActionConfig {
  if (ssh !== undefined) return { ...resolveSsh(ssh, { scope, path: [...path, 'ssh'] }), timeoutMs };
  if (http !== undefined) return { ...resolveHook(http, { scope, path: [...path, 'http'] }), timeoutMs };
  // The schema has seen to it that one of the three is there.
  return { driver: 'exec', command: resolveCommand(exec ?? [], { scope, path: [...path, 'exec'] }), timeoutMs };
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
