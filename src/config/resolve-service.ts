// Resolves one service: defaults applied, and everything that holds placeholders written out for each node.
import type { DomainName } from '../base/ids.ts';
import { chooseVoters } from './choose-voters.ts';
import type {
  CheckConfig,
  ClusterConfig,
  DnsConfig,
  FailbackConfig,
  FailoverConfig,
  NodeConfig,
  ServiceConfig,
} from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import { isInZone } from './domain-name.ts';
import { nodeScope } from './node-scope.ts';
import type { ProviderConfig } from './provider-config.ts';
import { resolveActions } from './resolve-actions.ts';
import { agentActions, resolveAgent } from './resolve-agent.ts';
import { resolveCheck } from './resolve-check.ts';
import type { ResolveContext } from './resolve-context.ts';
import { resolveNodeAnswer } from './resolve-node-answer.ts';
import type { CheckWritten } from './schema/check-schema.ts';
import type { FailoverWritten } from './schema/move-schema.ts';
import type { NodeWritten } from './schema/node-schema.ts';
import type { ServiceWritten } from './schema/service-schema.ts';

export type ServiceOptions = {
  readonly id: string;
  readonly context: ResolveContext;
  /** Null while the dns section cannot be read; then nothing is said about the zone. */
  readonly zones: DnsConfig['zones'] | null;
  /** Null while one of them cannot be read; the same holds. */
  readonly providers: readonly ProviderConfig[] | null;
  /** Null while the cluster section cannot be read; then nobody looks at the service, and nothing comes of that. */
  readonly cluster: ClusterConfig | null;
};

export function resolveService(written: ServiceWritten, options: ServiceOptions): ServiceConfig {
  const { id, context, cluster } = options;
  const path = ['services', id];
  const { name, provider, second, ttl, sorry } = written.record;
  return {
    id,
    mode: written.mode,
    activeActive:
      written.mode === 'active-active' ? { minHealthy: written.minHealthy, slowStartMs: written.slowStart } : null,
    // What may run everywhere at once needs no proof (S21).
    exclusive: written.mode === 'active-passive' && written.exclusive,
    standby: { kind: written.standby === 'stopped' ? 'stopped' : 'check' },
    record: {
      name,
      zone: longestZone(name, zonesOf(provider, options)),
      provider,
      second:
        second === undefined
          ? null
          : { provider: second.provider, zone: longestZone(name, zonesOf(second.provider, options)) },
      ttl: { steadySeconds: ttl.steady, suspectSeconds: ttl.suspect, settlingSeconds: ttl.settling },
      sorry: sorry ?? null,
      repairDrift: written.record.repairDrift,
    },
    probers: cluster === null ? [] : chooseVoters(id, cluster),
    nodes: written.nodes.map((node, index) => resolveNode(node, { written, id, path, index, context, cluster })),
    failover: resolveFailover(written.failover),
    restart: { attempts: written.restart.attempts, perMs: written.restart.per },
    cutover: written.cutover,
    failback: resolveFailback(written.failback),
    conflict: written.conflict,
    sweep: written.sweep === 'never' ? null : { everyMs: written.sweep.every },
    safety: { minStartable: written.safety.minStartable, gates: written.safety.gates },
  };
}

/** The zones of a provider: those of `dns` for our own. */
function zonesOf(provider: string, { zones, providers }: ServiceOptions): readonly DomainName[] {
  const found = providers?.find(({ name }) => name === provider);
  return found === undefined || found.kind === 'builtin' ? (zones ?? []).map(({ name }) => name) : found.zones;
}

/** The zone that holds a name: the longest one, as in a name server; empty when there is none (the rules report it). */
function longestZone(name: DomainName, zones: readonly DomainName[]): DomainName {
  const holding = zones.filter((zone) => isInZone(name, zone));
  return holding.reduce((longest, zone) => (zone.length > longest.length ? zone : longest), '');
}

type NodeOptions = {
  readonly written: ServiceWritten;
  readonly id: string;
  readonly path: ConfigPath;
  readonly index: number;
  readonly context: ResolveContext;
  readonly cluster: ClusterConfig | null;
};

function resolveNode(node: NodeWritten, { written, id, path, index, context, cluster }: NodeOptions): NodeConfig {
  const scope = nodeScope(node, { context, service: id, path: [...path, 'nodes', index] });
  const check = resolveCheck(written.check, { scope, path: [...path, 'check'], rhythm: null });
  const variant = (other: CheckWritten | undefined, at: ConfigPath): CheckConfig | null =>
    other === undefined ? null : resolveCheck(other, { scope, path: at, rhythm: written.check });
  const standby = written.standby === 'stopped' ? undefined : written.standby.check;
  const { agent } = written;
  const marginMs = cluster?.timing.marginMs ?? 0;
  const actions = resolveActions(written.actions, { scope, path: [...path, 'actions'] });
  return {
    id: node.id,
    ...resolveNodeAnswer(node),
    agent:
      agent === undefined
        ? null
        : resolveAgent(agent, { name: node.agent ?? node.id, scope, path: [...path, 'agent'], marginMs }),
    // A service that outlives its lease leaves nothing to wait for (S37), and a unit may outlive its keeper (S16).
    leaseProof: agent?.leaseProof === true && agent.onStoreLoss !== 'stay' && agent.unit === undefined,
    priority: node.priority ?? index + 1,
    weight: node.weight ?? 1,
    vantage: node.vantage ?? null,
    check,
    activeCheck: variant(written.activeCheck, [...path, 'activeCheck']) ?? check,
    standbyCheck: variant(standby, [...path, 'standby', 'check']),
    actions: { ...actions, ...(agent === undefined ? {} : agentActions(agent, actions)) },
  };
}

function resolveFailover(written: FailoverWritten): FailoverConfig {
  return {
    automatic: written.automatic,
    cooldownMs: written.cooldown,
    budget: { count: written.budget.count, perMs: written.budget.per },
    stableForMs: written.stableFor,
    opMaxAgeMs: written.opMaxAge,
    precheckMaxAgeMs: written.precheckMaxAge,
    verifyTimeoutMs: written.verifyTimeout,
    contactTimeoutMs: written.contactTimeout,
    coldStart: written.coldStart,
    failureThreshold: { count: written.failureThreshold.count, perMs: written.failureThreshold.per },
    resyncAfter: written.resyncAfter,
    maxLag: written.maxLag ?? null,
  };
}

function resolveFailback(written: ServiceWritten['failback']): FailbackConfig {
  return written === 'manual'
    ? { kind: 'manual' }
    : { kind: 'window', cron: written.window, openForMs: written.openFor };
}
