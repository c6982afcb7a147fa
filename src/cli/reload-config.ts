// `oneup reload`: this prober's file becomes the configuration in force, whole or not at all (S7). Every live prober must have
// answered that it can load it; the commit is guarded by the version that it replaces.

import type { ApiResponse } from '../api/api-server.ts';
import type { ApiSource } from '../api/routes.ts';
import { OneupError } from '../base/oneup-error.ts';
import { formatProblems } from '../config/format-problems.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { nextSerial } from '../dns/serial.ts';
import { formatStoredSerial, parseStoredSerial } from '../dns/stored-rrset.ts';
import type { Guard, StoreWrite } from '../ports/store.ts';
import { collectAnswers } from './config-proposal.ts';

export type ReloadOptions = {
  readonly force: boolean;
  readonly actor: string;
  readonly configFile: string;
  readonly source: ApiSource;
  readonly prober: string;
};

export async function reloadConfig({ force, configFile, source, prober }: ReloadOptions): Promise<ApiResponse> {
  const { store, keys, view } = source;
  const loaded = loadConfig(configFile);
  if (!loaded.ok) throw new OneupError('ONEUP_CONFIG_INVALID', formatProblems(loaded.error));
  const current = await store.get(keys.config);
  if (current?.value === loaded.value.text)
    return { status: 200, body: { kind: 'unchanged', digest: loaded.value.digest } };
  const refusal = refuse(source, loaded.value);
  if (refusal !== null) return refused('reload.not-now', refusal.reason, refusal.remedy);
  const answers = await collectAnswers(source, { loaded: loaded.value, prober });
  const unable = answers.filter((answer) => answer.kind !== 'able');
  if (unable.length > 0 && !force) {
    const reason = unable.map((answer) => `${answer.prober}: ${answer.reason}`).join('; ');
    return refused('S7.prober-cannot-load', reason, 'Correct it on those probers, or name them with --force');
  }
  const serials = loaded.value.config.dns.zones.flatMap((zone) =>
    raiseSerial(view.get(keys.zoneSerial(zone.name)), keys.zoneSerial(zone.name)),
  );
  const guard: Guard =
    current === null
      ? { kind: 'absent', key: keys.config }
      : { kind: 'version', key: keys.config, version: current.version };
  const result = await store.commit({
    guards: [guard, ...serials.map((entry) => entry.guard)],
    writes: [{ kind: 'put', key: keys.config, value: loaded.value.text }, ...serials.map((entry) => entry.write)],
    token: source.uniqueId(),
  });
  if (result.kind === 'committed')
    return {
      status: 200,
      body: { kind: 'accepted', digest: loaded.value.digest, forced: unable.map((answer) => answer.prober) },
    };
  return refused(
    'S7.config-changed',
    'the configuration or a zone changed at the same moment',
    'Run oneup reload again',
  );
}

/** What a reload must not change under a running cluster, and when it must not come. */
function refuse(
  { config, view, keys }: ApiSource,
  { config: next }: LoadedConfig,
): { reason: string; remedy: string } | null {
  if (next.cluster.name !== config.cluster.name || next.cluster.store.path !== config.cluster.store.path) {
    return {
      reason: 'cluster.name and cluster.store cannot be changed by a reload',
      remedy: 'Set up another cluster with oneup init',
    };
  }
  const busy = config.services.find((service) => view.get(keys.operation(service.id)) !== undefined);
  if (busy !== undefined) {
    return {
      reason: `an operation of ${busy.id} is running and keeps its configuration to its end (S7)`,
      remedy: `Wait for it; see oneup why ${busy.id}`,
    };
  }
  return removedWithoutProof(config, next, (service, node) => view.get(keys.breadcrumb(service, node))?.value);
}

/** S7: a node is removed only when its breadcrumb is `down`. */
function removedWithoutProof(
  config: LoadedConfig['config'],
  next: LoadedConfig['config'],
  breadcrumb: (service: string, node: string) => string | undefined,
): { reason: string; remedy: string } | null {
  for (const service of config.services) {
    const kept = next.services.find((candidate) => candidate.id === service.id)?.nodes.map((node) => node.id) ?? [];
    for (const { id } of service.nodes.filter((node) => !kept.includes(node.id))) {
      const crumb = JSON.parse(breadcrumb(service.id, id) ?? '{}') as { readonly kind?: string };
      if (crumb.kind === 'down' || !service.exclusive) continue;
      return {
        reason: `node ${id} of ${service.id} may be running (its record is ${crumb.kind ?? 'unknown'}) and cannot be removed (S7)`,
        remedy: `Move the service away, or run oneup confirm-down ${service.id} --node ${id} --reason "..."`,
      };
    }
  }
  return null;
}

/** Static records may have changed, and the same serial must mean the same bytes (S29). */
function raiseSerial(
  entry: { readonly value: string; readonly version: number } | undefined,
  key: string,
): readonly { guard: Guard; write: StoreWrite }[] {
  const parsed = entry === undefined ? null : parseStoredSerial(entry.value);
  const serial = parsed?.ok === true ? parsed.value : 0;
  return [
    {
      guard: entry === undefined ? { kind: 'absent', key } : { kind: 'version', key, version: entry.version },
      write: { kind: 'put', key, value: formatStoredSerial(nextSerial(serial)) },
    },
  ];
}

function refused(rule: string, reason: string, remedy: string): ApiResponse {
  return { status: 200, body: { kind: 'refused', refusal: { rule, reason, remedy } } };
}
