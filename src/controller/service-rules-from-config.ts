// Picks from the configuration what the machine needs to know of one service.
import type { ActionConfig, Config, NodeConfig, ServiceConfig } from '../config/config.ts';
import { atSecondProvider, placeOf } from '../config/second-provider.ts';
import type { NodeRules, ServiceRules } from '../failover/service-rules.ts';
import { publishedTtl } from './record-ttl.ts';

/** Pause between two rounds of a fence ladder or two attempts at a DNS write; growing pauses start from it. */
const RETRY_MS = 2_000;

export function serviceRulesFromConfig(config: Config, service: ServiceConfig): ServiceRules {
  const { failover } = service;
  return {
    id: service.id,
    exclusive: service.exclusive,
    warmStandby: service.standby.kind === 'check',
    automatic: failover.automatic,
    nodes: service.nodes.map(nodeRules),
    startupGraceMs: config.cluster.timing.startupGraceMs,
    cooldownMs: failover.cooldownMs,
    budget: failover.budget,
    opMaxAgeMs: failover.opMaxAgeMs,
    precheckMaxAgeMs: failover.precheckMaxAgeMs,
    verifyTimeoutMs: failover.verifyTimeoutMs,
    contactTimeoutMs: failover.contactTimeoutMs,
    stableForMs: failover.stableForMs,
    restart: service.restart,
    cutover: service.cutover,
    resyncAfter: failover.resyncAfter,
    failback: service.failback.kind,
    conflict: service.conflict,
    coldStart: failover.coldStart,
    failureThreshold: failover.failureThreshold,
    maxLag: failover.maxLag,
    minStartable: service.safety.minStartable,
    gates: service.safety.gates,
    hasSorry: service.record.sorry !== null,
    repairsDrift: service.record.repairDrift,
    ttl: ttlRules(config, service),
    ...secondRules(config, service),
    sweepEveryMs: service.sweep?.everyMs ?? null,
    bounds: { rho: config.cluster.timing.rho, marginMs: config.cluster.timing.marginMs },
    alertRepeatMs: config.alerts.repeatMs,
    retryMs: RETRY_MS,
    ...(service.activeActive === null
      ? {}
      : { activeActive: { ...service.activeActive, weights: weightsOf(service) } }),
  };
}

/** A record with one provider has nothing to tell apart. */
function secondRules(config: Config, service: ServiceConfig): Pick<ServiceRules, 'writtenTo' | 'second'> {
  const second = atSecondProvider(service);
  if (second === null) return {};
  const { provider } = second.record;
  return {
    writtenTo: service.record.provider,
    second: { provider, place: placeOf(second.record), ttl: ttlRules(config, second) },
  };
}

function ttlRules(config: Config, { record }: ServiceConfig): ServiceRules['ttl'] {
  const { ttl, traits } = publishedTtl(config, record);
  return {
    steadyMs: ttl.steadySeconds * 1_000,
    suspectMs: ttl.suspectSeconds * 1_000,
    followsSuspicion: traits.followsSuspicion,
  };
}

function weightsOf({ nodes }: ServiceConfig): Readonly<Record<string, number>> {
  return Object.fromEntries(nodes.map(({ id, weight }) => [id, weight]));
}

function nodeRules(node: NodeConfig): NodeRules {
  const { actions, check } = node;
  return {
    id: node.id,
    address: node.address,
    priority: node.priority,
    vantage: node.vantage,
    leaseProof: node.leaseProof,
    actions: {
      start: limit(actions.start),
      stop: limit(actions.stop),
      status: limit(actions.status),
      precheck: limit(actions.precheck),
      sync: limit(actions.sync),
      resync: limit(actions.resync),
      drain: limit(actions.drain),
      undrain: limit(actions.undrain),
    },
    fenceLevels: actions.fence.length,
    intervalMs: check.intervalMs,
    timeoutMs: check.timeoutMs,
    recheckMs: check.recheckMs,
  };
}

function limit(action: ActionConfig | null): number | null {
  return action?.timeoutMs ?? null;
}
