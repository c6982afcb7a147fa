// Reads each section of the file by its own schema and resolves it, so that all mistakes of a file come out at once: a
// section that cannot be read hides only the rules that need it.
import type * as z from 'zod';
import { AGENT_RULES } from './agent-rules.ts';
import type { AlertsConfig } from './alerts-config.ts';
import { API_RULES } from './api-rules.ts';
import { CLUSTER_RULES } from './cluster-rules.ts';
import type { ClusterConfig, Config, DnsConfig, ServiceConfig } from './config.ts';
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { DNS_RULES } from './dns-rules.ts';
import { describeIssue, findSchemaFaults } from './find-schema-faults.ts';
import { modeRules } from './mode-rules.ts';
import { MOVE_RULES } from './move-rules.ts';
import { proofRules } from './proof-rules.ts';
import type { ProviderConfig } from './provider-config.ts';
import { PROVIDER_RULES } from './provider-rules.ts';
import { RECORD_RULES } from './record-rules.ts';
import { resolveAlerts } from './resolve-alerts.ts';
import { resolveCluster } from './resolve-cluster.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveDns } from './resolve-dns.ts';
import { resolveProvider } from './resolve-provider.ts';
import { resolveService, type ServiceOptions } from './resolve-service.ts';
import { configSchema } from './schema/config-schema.ts';
import { ID_RULE, isId } from './schema/id-text.ts';
import { providerSchema } from './schema/provider-schema.ts';
import { serviceSchema } from './schema/service-schema.ts';
import { SECOND_RULES } from './second-rules.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { SET_RULES } from './set-rules.ts';
import { STORE_RULES } from './store-rules.ts';
import { sweepRules } from './sweep-rules.ts';
import { TARGET_RULES } from './target-rules.ts';
import { VOTER_RULES } from './voter-rules.ts';

export type Sections = Omit<Config, 'secrets'>;

/** `sections` is null when a section could not be read; with findings it may still hold values that must not be used. */
export function resolveSections(
  tree: unknown,
  given: Omit<ResolveContext, 'report'>,
): { readonly sections: Sections | null; readonly findings: readonly ConfigFinding[] } {
  const findings: ConfigFinding[] = [];
  const context: ResolveContext = { ...given, report: (finding) => findings.push(finding) };
  const { cluster: clusterShape, dns: dnsShape, alerts: alertsShape } = configSchema.shape;
  const top = topLevel(tree, context);
  if (top === null) return { sections: null, findings };
  const read: Reader = (schema, path) => readSection(schema, { top, path, context });

  const dnsWritten = read(dnsShape, ['dns']);
  const dns = dnsWritten === null ? null : resolveDns(dnsWritten, context);
  const clusterWritten = read(clusterShape, ['cluster']);
  const defaultListen = dns?.listen ?? [];
  const cluster = clusterWritten === null ? null : resolveCluster(clusterWritten, { context, defaultListen });
  const providers = resolveProviders(top, { read, context });
  const services = resolveServices(top, { read, context, zones: dns?.zones ?? null, providers, cluster });
  const alertsWritten = read(alertsShape, ['alerts']);
  const alerts = alertsWritten === null ? null : resolveAlerts(alertsWritten, context);
  const draft = { cluster, dns, providers, services };
  for (const rule of RULES) findings.push(...rule(draft));
  return { sections: complete({ ...draft, alerts }), findings };
}

const RULES = [
  ...SET_RULES,
  ...CLUSTER_RULES,
  ...STORE_RULES,
  ...API_RULES,
  ...VOTER_RULES,
  ...DNS_RULES,
  ...RECORD_RULES,
  ...PROVIDER_RULES,
  ...TARGET_RULES,
  ...SECOND_RULES,
  ...SERVICE_RULES,
  ...AGENT_RULES,
  ...MOVE_RULES,
];

type Top = Readonly<Record<string, unknown>>;
type Reader = <Schema extends z.ZodType>(schema: Schema, path: ConfigPath) => z.output<Schema> | null;

type Parts = {
  readonly cluster: ClusterConfig | null;
  readonly dns: DnsConfig | null;
  readonly providers: readonly ProviderConfig[] | null;
  readonly services: readonly ServiceConfig[];
  readonly alerts: AlertsConfig | null;
};

function complete({ cluster, dns, providers, services, alerts }: Parts): Sections | null {
  if (cluster === null || dns === null || providers === null || alerts === null) return null;
  return { cluster, dns, providers, services, alerts };
}

/** The map at the top of the file with its unknown keys reported; null where the file holds something else. */
function topLevel(tree: unknown, { report }: ResolveContext): Top | null {
  if (!isMap(tree)) {
    report({ path: [], reason: 'expected a map of keys', remedy: 'Begin with cluster:, as in config/minimal.yaml' });
    return null;
  }
  // Only the names of the keys are judged here: a section that is itself wrong must not hide another one.
  const names = Object.fromEntries(Object.keys(tree).map((key) => [key, undefined]));
  const issues = configSchema.safeParse(names).error?.issues ?? [];
  const unknown = issues.filter(({ code, path }) => code === 'unrecognized_keys' && path.length === 0);
  for (const finding of findSchemaFaults(unknown, { tree, base: [] })) report(finding);
  return tree;
}

function readSection<Schema extends z.ZodType>(
  schema: Schema,
  { top, path, context }: { readonly top: Top; readonly path: ConfigPath; readonly context: ResolveContext },
): z.output<Schema> | null {
  const value = path.reduce<unknown>((node, part) => (isMap(node) ? node[part] : undefined), top);
  const parsed = schema.safeParse(value, { error: describeIssue });
  if (parsed.success) return parsed.data;
  for (const finding of findSchemaFaults(parsed.error.issues, { tree: top, base: path })) context.report(finding);
  return null;
}

/** A provider `builtin` is always there, so that the smallest file needs no providers section. */
function resolveProviders(
  top: Top,
  { read, context }: { readonly read: Reader; readonly context: ResolveContext },
): readonly ProviderConfig[] | null {
  const names = entryNames(top, { key: 'providers', context });
  if (names === null) return null;
  const known = names.flatMap((name) => {
    const entry = read(providerSchema, ['providers', name]);
    return (entry === null ? null : resolveProvider(name, entry, context)) ?? [];
  });
  if (known.length < names.length) return null;
  return names.includes('builtin') ? known : [{ name: 'builtin', kind: 'builtin' }, ...known];
}

/** Services that can be read; a mistake in one does not keep the rules of proof from the others. */
function resolveServices(
  top: Top,
  { read, ...options }: Omit<ServiceOptions, 'id'> & { readonly read: Reader },
): readonly ServiceConfig[] {
  const { context } = options;
  const ids = entryNames(top, { key: 'services', context }) ?? [];
  return ids.flatMap((id) => {
    const path = ['services', id];
    const written = read(serviceSchema, path);
    if (written === null) return [];
    const service = resolveService(written, { id, ...options });
    const asWritten = { written: (top.services as Top)[id], path };
    for (const finding of [...modeRules(service, asWritten), ...sweepRules(service, asWritten)])
      context.report(finding);
    for (const finding of proofRules(service, { written, path })) context.report(finding);
    return [service];
  });
}

/** Keys of a map of named things, each a proper id; null when it is not a map at all. */
function entryNames(
  top: Top,
  { key, context }: { readonly key: 'providers' | 'services'; readonly context: ResolveContext },
): readonly string[] | null {
  const value = top[key];
  if (value === undefined) return [];
  if (!isMap(value)) {
    context.report({
      path: [key],
      reason: 'expected a map of keys',
      remedy: 'Write the keys of the map below it, indented',
    });
    return null;
  }
  for (const name of Object.keys(value))
    if (!isId(name)) context.report({ path: [key, name], point: 'key', ...ID_RULE });
  if (Object.keys(value).length > ENTRIES_MAX) {
    context.report({
      path: [key],
      reason: `expected at most ${ENTRIES_MAX} entries`,
      remedy: 'Split the cluster in two',
    });
  }
  return Object.keys(value);
}

/** Every service costs each prober a round of checks, and the controller a state machine. */
const ENTRIES_MAX = 2_048;

function isMap(value: unknown): value is Top {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
