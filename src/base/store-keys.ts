// Where each record lives in the store. One cluster owns everything below /oneup/<cluster>/ and touches nothing else.
import type { DomainName, NodeId, OpId, ProberId, ServiceId } from './ids.ts';
import { rrsetKeyPart } from './rrset-key-part.ts';

export type StoreKeys = ReturnType<typeof storeKeys>;

/** Key builders of one cluster. Ids contain no slash (config refuses them), so keys cannot collide. */
export function storeKeys(cluster: string) {
  const root = `/oneup/${cluster}/`;
  return {
    root,
    meta: `${root}meta`,
    config: `${root}config/current`,
    configProposed: `${root}config/proposed`,
    configAnswer: (id: ProberId) => `${root}config/answer/${id}`,
    connectAsked: `${root}connect/asked`,
    connectAnswer: (id: ProberId) => `${root}connect/answer/${id}`,
    connectTry: (id: string) => `${root}connect/try/${id}`,
    guard: `${root}guard`,
    term: `${root}term`,
    controller: `${root}controller`,
    probers: `${root}prober/`,
    prober: (id: ProberId) => `${root}prober/${id}`,
    observations: `${root}obs/`,
    observation: (service: ServiceId, node: NodeId, prober: ProberId) => `${root}obs/${service}/${node}/${prober}`,
    suspicions: `${root}suspect/`,
    suspicion: (service: ServiceId, node: NodeId, prober: ProberId) => `${root}suspect/${service}/${node}/${prober}`,
    standbys: `${root}standby/`,
    standby: (service: ServiceId, node: NodeId, prober: ProberId) => `${root}standby/${service}/${node}/${prober}`,
    services: `${root}service/`,
    service: (service: ServiceId) => `${root}service/${service}`,
    breadcrumbs: (service: ServiceId) => `${root}breadcrumb/${service}/`,
    breadcrumb: (service: ServiceId, node: NodeId) => `${root}breadcrumb/${service}/${node}`,
    grant: (service: ServiceId) => `${root}grant/${service}`,
    goal: (service: ServiceId, node: NodeId) => `${root}goal/${service}/${node}`,
    goals: `${root}goal/`,
    agent: (service: ServiceId, node: NodeId) => `${root}agent/${service}/${node}`,
    agents: `${root}agent/`,
    /** Agents that have followed a later generation than this store has. */
    agentsAhead: `${root}ahead/`,
    agentAhead: (agent: string) => `${root}ahead/${agent}`,
    readiness: (prober: ProberId, service: ServiceId, node: NodeId) => `${root}ready/${prober}/${service}/${node}`,
    tokens: `${root}token/`,
    token: (id: string) => `${root}token/${id}`,
    lease: (service: ServiceId, node: NodeId) => `${root}lease/${service}/${node}`,
    claims: (service: ServiceId) => `${root}claims/${service}/`,
    claim: (service: ServiceId, prober: ProberId) => `${root}claims/${service}/${prober}`,
    operations: `${root}op/`,
    operation: (service: ServiceId) => `${root}op/${service}`,
    tails: `${root}tail/`,
    tail: (service: ServiceId) => `${root}tail/${service}`,
    journal: (service: ServiceId, opId: OpId) => `${root}journal/${service}/${opId}/`,
    journalEntry: (service: ServiceId, opId: OpId, seq: number) =>
      `${root}journal/${service}/${opId}/${String(seq).padStart(6, '0')}`,
    histories: (service: ServiceId) => `${root}history/${service}/`,
    history: (service: ServiceId, opId: OpId) => `${root}history/${service}/${opId}`,
    requests: `${root}request/`,
    request: (service: ServiceId, id: string) => `${root}request/${service}/${id}`,
    replies: `${root}reply/`,
    reply: (id: string) => `${root}reply/${id}`,
    zone: (zone: DomainName) => `${root}dns/${zone}/`,
    zoneSerial: (zone: DomainName) => `${root}dns/${zone}/serial`,
    zoneRrset: (zone: DomainName, name: DomainName, type: string) => `${root}dns/${zone}/${rrsetKeyPart(name, type)}`,
    /** What is left of the calls that an account of a provider may get. */
    budget: (account: string) => `${root}budget/${account}`,
    providerCalls: (prober: ProberId) => `${root}calls/${prober}`,
    servedAll: `${root}served/`,
    served: (prober: ProberId, name: DomainName, type: string) => `${root}served/${prober}/${rrsetKeyPart(name, type)}`,
  } as const;
}
