// Keys that belong to one mode of a service only: whoever writes one of the other mode expects something that will not happen.
import type { ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';

/** What an active-active service does not take, with what is taken of it; nothing moves there and nothing is started. */
const NOT_ACTIVE_ACTIVE: Readonly<Record<string, readonly string[]>> = {
  exclusive: [],
  standby: [],
  activeCheck: [],
  agent: [],
  restart: [],
  cutover: [],
  failback: [],
  conflict: [],
  sweep: [],
  safety: [],
  actions: ['drain', 'undrain', 'resync'],
  failover: ['stableFor', 'opMaxAge'],
  record: ['name', 'provider', 'second', 'ttl'],
};
const NODE_NOT_ACTIVE_ACTIVE = ['priority', 'agent'] as const;
const ACTIVE_ACTIVE_ONLY = ['minHealthy', 'slowStart'] as const;

/** `written` is the section as it stands in the file, before any default. */
export function modeRules(
  { activeActive }: ServiceConfig,
  { written, path }: { readonly written: unknown; readonly path: ConfigPath },
): readonly ConfigFinding[] {
  if (!isMap(written)) return [];
  const nodes = Array.isArray(written.nodes) ? written.nodes : [];
  const ofNodes = (keys: readonly string[]) =>
    nodes.flatMap((node: unknown, index) =>
      keys.filter((key) => isMap(node) && key in node).map((key): ConfigPath => [...path, 'nodes', index, key]),
    );
  if (activeActive === null) {
    const own = ACTIVE_ACTIVE_ONLY.filter((key) => key in written).map((key): ConfigPath => [...path, key]);
    return [...own, ...ofNodes(['weight'])].map((at) =>
      finding(at, 'only an active-active service has this key', 'Remove it, or write mode: active-active'),
    );
  }
  const found = Object.entries(NOT_ACTIVE_ACTIVE).flatMap(([key, allowed]) => foreign(written, path, key, allowed));
  return [...found, ...ofNodes(NODE_NOT_ACTIVE_ACTIVE)].map((at) =>
    finding(
      at,
      'an active-active service does not take this key, because nothing is moved or started there',
      'Remove it',
    ),
  );
}

function foreign(
  written: Readonly<Record<string, unknown>>,
  path: ConfigPath,
  key: string,
  allowed: readonly string[],
): readonly ConfigPath[] {
  if (!(key in written)) return [];
  const value = written[key];
  if (allowed.length === 0 || !isMap(value)) return [[...path, key]];
  return Object.keys(value)
    .filter((name) => !allowed.includes(name))
    .map((name) => [...path, key, name]);
}

function finding(path: ConfigPath, reason: string, remedy: string): ConfigFinding {
  return { path, point: 'key', reason, remedy };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
