// Resolves one service: defaults applied, and everything that holds placeholders written out for each node.
import type { CheckConfig, DnsConfig, FailbackConfig, FailoverConfig, NodeConfig, ServiceConfig } from './config.ts';
import type { ConfigPath } from './config-problem.ts';
import { isInZone } from './domain-name.ts';
import { nodeScope } from './node-scope.ts';
import { resolveActions } from './resolve-actions.ts';
import { resolveCheck } from './resolve-check.ts';
import type { ResolveContext } from './resolve-context.ts';
import type { CheckWritten } from './schema/check-schema.ts';
import type { FailoverWritten } from './schema/move-schema.ts';
import type { NodeWritten } from './schema/node-schema.ts';
import type { ServiceWritten } from './schema/service-schema.ts';

/** `zones` is null while the dns section cannot be read; then nothing is said about the zone. */
export function resolveService(
  written: ServiceWritten,
  options: { readonly id: string; readonly context: ResolveContext; readonly zones: DnsConfig['zones'] | null },
): ServiceConfig {
  const { id, context, zones } = options;
  const path = ['services', id];
  const { name, provider, ttl, sorry } = written.record;
  return {
    id,
    mode: written.mode,
    exclusive: written.exclusive,
    standby: { kind: written.standby === 'stopped' ? 'stopped' : 'check' },
    record: {
      name,
      zone: longestZone(name, zones ?? []),
      provider,
      ttl: { steadySeconds: ttl.steady, suspectSeconds: ttl.suspect, settlingSeconds: ttl.settling },
      sorry: sorry ?? null,
    },
    nodes: written.nodes.map((node, index) => resolveNode(node, { written, id, path, index, context })),
    failover: resolveFailover(written.failover),
    restart: { attempts: written.restart.attempts, perMs: written.restart.per },
    cutover: written.cutover,
    failback: resolveFailback(written.failback),
    conflict: written.conflict,
    safety: { minStartable: written.safety.minStartable, gates: written.safety.gates },
  };
}

/** The zone that holds a name: the longest one, as in a name server; empty when there is none (the rules report it). */
function longestZone(name: string, zones: DnsConfig['zones']): string {
  const holding = zones.map((zone) => zone.name).filter((zone) => isInZone(name, zone));
  return holding.reduce((longest, zone) => (zone.length > longest.length ? zone : longest), '');
}

type NodeOptions = {
  readonly written: ServiceWritten;
  readonly id: string;
  readonly path: ConfigPath;
  readonly index: number;
  readonly context: ResolveContext;
};

function resolveNode(node: NodeWritten, { written, id, path, index, context }: NodeOptions): NodeConfig {
  const scope = nodeScope(node, { context, service: id, path: [...path, 'nodes', index] });
  const check = resolveCheck(written.check, { scope, path: [...path, 'check'], rhythm: null });
  const variant = (other: CheckWritten | undefined, at: ConfigPath): CheckConfig | null =>
    other === undefined ? null : resolveCheck(other, { scope, path: at, rhythm: written.check });
  const standby = written.standby === 'stopped' ? undefined : written.standby.check;
  return {
    id: node.id,
    address: node.address,
    // Only an agent holds a lease, and no node has one yet: nothing in the file can switch this on.
    leaseProof: false,
    priority: node.priority ?? index + 1,
    vantage: node.vantage ?? null,
    check,
    activeCheck: variant(written.activeCheck, [...path, 'activeCheck']) ?? check,
    standbyCheck: variant(standby, [...path, 'standby', 'check']),
    actions: resolveActions(written.actions, { scope, path: [...path, 'actions'] }),
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
    maxLag: written.maxLag ?? null,
  };
}

function resolveFailback(written: ServiceWritten['failback']): FailbackConfig {
  return written === 'manual'
    ? { kind: 'manual' }
    : { kind: 'window', cron: written.window, openForMs: written.openFor };
}
