// Picks from the configuration what the machine needs to know of one service.
import type { ActionConfig, Config, NodeConfig, ServiceConfig } from '../config/config.ts';
import type { NodeRules, ServiceRules } from '../failover/service-rules.ts';

/** Pause between two rounds of a fence ladder or two attempts at a DNS write; growing pauses start from it. */
const RETRY_MS = 2_000;

export function serviceRulesFromConfig(config: Config, service: ServiceConfig): ServiceRules {
  const { failover } = service;
  return {
    id: service.id,
    exclusive: service.exclusive,
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
    failback: service.failback.kind,
    conflict: service.conflict,
    coldStart: failover.coldStart,
    failureThreshold: failover.failureThreshold,
    maxLag: failover.maxLag,
    minStartable: service.safety.minStartable,
    gates: service.safety.gates,
    hasSorry: service.record.sorry !== null,
    ttl: { steadyMs: service.record.ttl.steadySeconds * 1_000, suspectMs: service.record.ttl.suspectSeconds * 1_000 },
    bounds: { rho: config.cluster.timing.rho, marginMs: config.cluster.timing.marginMs },
    alertRepeatMs: config.alerts.repeatMs,
    retryMs: RETRY_MS,
  };
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
