// What any prober can tell about the cluster, from its copy of the records: the JSON that `status` prints and the API gives.
// Reading never changes anything (S36).
import type { NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { PropagationSummary } from '../failover/propagation-report.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Breadcrumb, FailedNode, LocalState, MachineState, Mode, SweptStatus } from '../failover/service-state.ts';
import { type Steady, steadyOf } from '../failover/steady.ts';
import type { NodeView } from '../failover/view.ts';
import { publishedAddresses } from '../plan/published-addresses.ts';
import type { StoreEntry } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { allKeys, DAMAGE_REMEDY, decodeMachine, decodeReadable, recordKeys } from './machine-records.ts';
import { isMember, runsAnother } from './membership.ts';
import { type AgentStatus, readAgent } from './read-agent.ts';
import { type OperationStatus, operationStatus } from './read-operation.ts';
import { type MaintenanceStatus, nodeMaintenance, type Overlays, readOverlays } from './read-overlays.ts';
import { type ProviderCalls, readProviderCalls } from './read-provider-calls.ts';
import { readSecond, type SecondStatus } from './read-second.ts';
import { readDrained, readSet, readSetRole, type SetRole, type SetStatus } from './read-set.ts';
import { type Readiness, readReadiness } from './readiness.ts';
import { publishedTtl } from './record-ttl.ts';
import type { SeenAges } from './seen-ages.ts';
import { serviceRulesFromConfig } from './service-rules-from-config.ts';
import { readServiceView } from './service-view.ts';

export type ReadDeps = {
  readonly config: Config;
  readonly keys: StoreKeys;
  readonly view: StoreView;
  /** Digest of the record in force; without it nobody is taken to run another configuration. */
  readonly inForceDigest?: string | null;
  /** Without it a cooldown is shown as old as it was when it was last written down. */
  readonly ages?: SeenAges;
};

export type ServiceStatus = Overlays & {
  readonly service: ServiceId;
  readonly mode: ServiceConfig['mode'];
  /** Who answers; null for an active-passive service. */
  readonly set: SetStatus | null;
  readonly state: Steady;
  /** The probers that look at it and vote on it; null: all of the cluster's (S24). */
  readonly voters: readonly ProberId[] | null;
  readonly active: string | null;
  readonly epoch: number;
  readonly record: {
    readonly name: string;
    /** Of the active node; null when DNS names nobody, or several. */
    readonly address: string | null;
    readonly addresses: readonly string[];
    readonly ttlSeconds: number | null;
  };
  readonly nodes: readonly NodeStatusReport[];
  readonly operation: OperationStatus | null;
  readonly tail: OperationStatus | null;
  readonly refusal: Refusal | null;
  readonly dnsProblem: Refusal | null;
  /** What its second provider holds; null where there is none. */
  readonly second: SecondStatus | null;
  /** Name servers that did not answer anew after the last cutover. */
  readonly laggards: readonly string[];
  /** What the world answered after the last write to a zone that others serve; null before. */
  readonly propagation: PropagationSummary | null;
  readonly lastOpId: string | null;
};

export type NodeStatusReport = {
  readonly node: string;
  readonly address: string;
  readonly priority: number;
  readonly role: 'active' | 'standby' | 'failed' | 'maintenance' | SetRole;
  /** By whom it was taken out of the answer. */
  readonly drained: Mode | null;
  readonly quorum: 'up' | 'down' | 'undecided';
  readonly answering: readonly ProberId[];
  readonly breadcrumb: Breadcrumb;
  readonly failed: string | null;
  /** How far a failed node is on its way back; `oneup incident` shows the rest. */
  readonly incident: Omit<FailedNode, 'why'> | null;
  /** Failures that count against it, and the number from which on it is no candidate. */
  readonly failures: { readonly count: number; readonly threshold: number };
  readonly maintenance: MaintenanceStatus | null;
  /** What its status action says, asked again and again beside all operations; null before the first answer (S25). */
  readonly status: NodeSweepReport | null;
  readonly votes: NodeView['votes'];
  /** Whether it would be usable as the warm standby that it is; null where nothing is checked for that (S25). */
  readonly standby: StandbyReport | null;
  /** Checks in a row that change a vote. */
  readonly changesAfter: { readonly rise: number; readonly fall: number };
  readonly agent: AgentStatus | null;
};

export type StandbyReport = {
  readonly quorum: 'healthy' | 'unhealthy' | 'undecided';
  readonly votes: NodeView['votes'];
};

/** Asked `everyMs` apart; written when it changes, so `sinceWallMs` is when it began to say so. */
export type NodeSweepReport = Pick<SweptStatus, 'role' | 'reason' | 'sinceWallMs' | 'unanswered' | 'fault'> & {
  readonly everyMs: number;
};

export type ClusterStatus = {
  readonly cluster: string;
  readonly controller: { readonly prober: string; readonly term: number } | null;
  readonly probers: readonly ProberStatus[];
  readonly services: readonly ServiceStatus[];
  /** What the controller has asked of each provider that others run, and what of its budget is left. */
  readonly providers: readonly ProviderCalls[];
};

export type ProberStatus = {
  readonly prober: ProberId;
  readonly vantage: string;
  readonly isAlive: boolean;
  /** Listed in the configuration in force. Others may run, such as one that is about to join or to leave: they have no vote. */
  readonly isMember: boolean;
  /** Alive with another configuration than the one in force, so that its votes do not count (S7). */
  readonly runsAnother: boolean;
  /** Null for a prober without a live session. */
  readonly configStanding: ConfigStanding | null;
  readonly version: string | null;
  readonly digest: string | null;
  /** The agent that its process runs besides; null: none. */
  readonly agent: string | null;
  readonly selfCheck: { readonly kind: string; readonly reason: string } | null;
};

export function readClusterStatus(deps: ReadDeps): ClusterStatus {
  const controller = readController(deps);
  return {
    cluster: deps.config.cluster.name,
    controller,
    providers: readProviderCalls(deps, controller?.prober ?? null),
    probers: readProbers(deps),
    services: deps.config.services.map((service) => readServiceStatus(deps, service)),
  };
}

export function readController({ view, keys }: Pick<ReadDeps, 'view' | 'keys'>): ClusterStatus['controller'] {
  return readJson(view.get(keys.controller));
}

type ProberRecord = Pick<ProberStatus, 'vantage' | 'version' | 'digest' | 'agent' | 'selfCheck' | 'configStanding'>;

/** The members in the order of the configuration, then whoever else has a live session. */
function readProbers({ config, keys, view, inForceDigest = null }: ReadDeps): readonly ProberStatus[] {
  const outside = view
    .list(keys.probers)
    .map(({ key }) => key.slice(keys.probers.length))
    .filter((id) => !isMember(config, id))
    .map((id) => ({ id, vantage: null }));
  return [...config.cluster.probers, ...outside].map(({ id, vantage }) => {
    const record = readJson<Partial<ProberRecord>>(view.get(keys.prober(id)));
    return {
      prober: id,
      vantage: vantage ?? record?.vantage ?? '',
      isAlive: record !== null,
      isMember: isMember(config, id),
      runsAnother: runsAnother(record?.digest ?? null, inForceDigest),
      configStanding: record?.configStanding ?? null,
      version: record?.version ?? null,
      digest: record?.digest ?? null,
      agent: record?.agent ?? null,
      selfCheck: record?.selfCheck ?? null,
    };
  });
}

export function readServiceStatus(deps: ReadDeps, service: ServiceConfig): ServiceStatus {
  const { state, damage } = readWhatIsReadable(deps, service);
  const { active, dns } = state.service;
  const addresses = publishedAddresses(service.nodes, dns.confirmed);
  const ttls = { steady: 'steadySeconds', suspect: 'suspectSeconds', settling: 'settlingSeconds' } as const;
  return {
    service: service.id,
    mode: service.mode,
    set: readSet(state, service),
    state: damage === null ? steadyOf(state) : 'blocked',
    voters: service.probers.length === deps.config.cluster.probers.length ? null : service.probers.map(({ id }) => id),
    active,
    epoch: state.service.epoch,
    record: {
      name: service.record.name,
      address: addresses.length === 1 ? (addresses[0] ?? null) : null,
      addresses,
      ttlSeconds:
        dns.confirmed === null ? null : publishedTtl(deps.config, service.record).ttl[ttls[dns.confirmed.level]],
    },
    nodes: service.nodes.map((node) => ({ ...nodeReport(state, node), agent: readAgent(deps, service, node) })),
    operation: operationStatus(state.op),
    tail: operationStatus(state.tail),
    refusal: damage ?? state.service.refusal,
    dnsProblem: state.service.dnsProblem,
    second: readSecond(deps.config, state),
    laggards: state.service.laggards,
    propagation: state.service.propagation ?? null,
    lastOpId: state.service.lastOpId,
    ...readOverlays(state, (cooldown) => deps.ages?.sinceMs(service.id, cooldown) ?? 0),
  };
}

/** The machine's state as the records show it, with this prober's view of the votes; throws ONEUP_STORE_CORRUPT. */
export function readMachine(deps: ReadDeps, service: ServiceConfig): MachineState {
  const { keys, rules, entries } = recordsOf(deps, service);
  return withView(deps, service, decodeMachine(keys, rules, entries));
}

/** One damaged record must not hide the others, nor the other services. */
export function readWhatIsReadable(
  deps: ReadDeps,
  service: ServiceConfig,
): { readonly state: MachineState; readonly damage: Refusal | null } {
  const { keys, rules, entries } = recordsOf(deps, service);
  const { state, damaged } = decodeReadable(keys, rules, entries);
  const reason = `nobody controls ${service.id}: ${damaged.join(', ')} cannot be read`;
  const damage = { rule: 'S7.record-damaged', reason, remedy: DAMAGE_REMEDY } as const;
  return { state: withView(deps, service, state), damage: damaged.length === 0 ? null : damage };
}

function recordsOf(deps: ReadDeps, service: ServiceConfig) {
  const rules = serviceRulesFromConfig(deps.config, service);
  const keys = recordKeys(deps.keys, rules);
  const found = allKeys(keys).flatMap((key) => deps.view.get(key) ?? []);
  return { rules, keys, entries: new Map(found.map((entry) => [entry.key, entry])) };
}

function withView(deps: ReadDeps, service: ServiceConfig, state: MachineState): MachineState {
  const view = readServiceView(deps, { service, op: state.op, brake: null });
  return { ...state, local: { ...state.local, view, prechecks: prechecksOf(readReadiness(deps, service)) } };
}

/** When each was asked is known to the controller alone, and nothing that only reads goes by it. */
export function prechecksOf(readiness: Readonly<Record<NodeId, Readiness>>): LocalState['prechecks'] {
  const entries = Object.entries(readiness).map(([node, { ok, reason, lag }]) => [
    node,
    { ok, reason, lag, atMonoMs: 0 },
  ]);
  return Object.fromEntries(entries);
}

function nodeReport(state: MachineState, node: ServiceConfig['nodes'][number]): Omit<NodeStatusReport, 'agent'> {
  const view = state.local.view.nodes[node.id];
  const { active, failed, failures } = state.service;
  const incident = failed[node.id];
  const maintenance = nodeMaintenance(state, node.id);
  const isSet = state.rules.activeActive !== undefined;
  const role =
    active === node.id ? 'active' : maintenance ? 'maintenance' : incident !== undefined ? 'failed' : 'standby';
  return {
    node: node.id,
    address: node.address,
    priority: node.priority,
    role: isSet ? readSetRole(state, node.id) : role,
    drained: isSet ? readDrained(state, node.id) : null,
    quorum: view?.up.kind === 'agreed' ? 'up' : view?.down.kind === 'agreed' ? 'down' : 'undecided',
    answering: view?.answering.map((seen) => seen.prober) ?? [],
    breadcrumb: state.breadcrumbs[node.id] ?? { kind: 'unknown', version: 0, why: 'no record' },
    failed: incident?.why ?? null,
    incident: incident === undefined ? null : withoutWhy(incident),
    failures: { count: failures[node.id]?.length ?? 0, threshold: state.rules.failureThreshold.count },
    maintenance,
    status: sweepReport(state, node.id),
    votes: view?.votes ?? [],
    standby: active === node.id ? null : standbyReport(view),
    changesAfter: { rise: node.check.rise, fall: node.check.fall },
  };
}

function standbyReport(view: NodeView | undefined): StandbyReport | null {
  if (view?.standby === undefined) return null;
  const { healthy, unhealthy, votes } = view.standby;
  const quorum = healthy.kind === 'agreed' ? 'healthy' : unhealthy.kind === 'agreed' ? 'unhealthy' : 'undecided';
  return { quorum, votes };
}

function sweepReport({ service, rules }: MachineState, node: string): NodeSweepReport | null {
  const known = service.statuses[node];
  if (known === undefined || rules.sweepEveryMs === null) return null;
  const { role, reason, sinceWallMs, unanswered, fault } = known;
  return { role, reason, sinceWallMs, unanswered, fault, everyMs: rules.sweepEveryMs };
}

function withoutWhy({ opId, stage, rootCause, actor }: FailedNode): Omit<FailedNode, 'why'> {
  return { opId, stage, rootCause, actor };
}

function readJson<T>(entry: StoreEntry | undefined): T | null {
  if (entry === undefined) return null;
  try {
    return JSON.parse(entry.value) as T;
  } catch {
    return null;
  }
}
