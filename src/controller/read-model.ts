// What any prober can tell about the cluster, from its copy of the records: the JSON that `status` prints and the API gives.
// Reading never changes anything (S36).
import type { ProberId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import type { Operation } from '../failover/operation.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { Breadcrumb, FailedNode, MachineState } from '../failover/service-state.ts';
import { type Steady, steadyOf } from '../failover/steady.ts';
import type { NodeView } from '../failover/view.ts';
import { waitsFor } from '../failover/waits-for.ts';
import type { StoreEntry } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';
import { allKeys, decodeMachine, recordKeys } from './machine-records.ts';
import { type MaintenanceStatus, nodeMaintenance, type Overlays, readOverlays } from './read-overlays.ts';
import { serviceRulesFromConfig } from './service-rules-from-config.ts';
import { readServiceView } from './service-view.ts';

export type ReadDeps = { readonly config: Config; readonly keys: StoreKeys; readonly view: StoreView };

export type ServiceStatus = Overlays & {
  readonly service: ServiceId;
  readonly state: Steady;
  readonly active: string | null;
  readonly epoch: number;
  readonly record: { readonly name: string; readonly address: string | null; readonly ttlSeconds: number | null };
  readonly nodes: readonly NodeStatusReport[];
  readonly operation: OperationStatus | null;
  readonly tail: OperationStatus | null;
  readonly refusal: Refusal | null;
  readonly dnsProblem: Refusal | null;
  /** Name servers that did not answer anew after the last cutover. */
  readonly laggards: readonly string[];
  readonly lastOpId: string | null;
};

export type NodeStatusReport = {
  readonly node: string;
  readonly address: string;
  readonly priority: number;
  readonly role: 'active' | 'standby' | 'failed' | 'maintenance';
  readonly quorum: 'up' | 'down' | 'undecided';
  readonly answering: readonly ProberId[];
  readonly breadcrumb: Breadcrumb;
  readonly failed: string | null;
  /** How far a failed node is on its way back; `oneup incident` shows the rest. */
  readonly incident: Omit<FailedNode, 'why'> | null;
  /** Failures that count against it, and the number from which on it is no candidate. */
  readonly failures: { readonly count: number; readonly threshold: number };
  readonly maintenance: MaintenanceStatus | null;
  readonly votes: NodeView['votes'];
};

export type OperationStatus = {
  readonly opId: string;
  readonly kind: Operation['kind'];
  readonly from: string | null;
  readonly to: string | null;
  readonly phase: Operation['phase'];
  readonly reason: string;
  readonly actor: string;
  readonly startedWallMs: number;
  readonly waitsFor: string;
  readonly blocked: Refusal | null;
  readonly phases: Operation['phases'];
  readonly rollback: boolean;
};

export type ClusterStatus = {
  readonly cluster: string;
  readonly controller: { readonly prober: string; readonly term: number } | null;
  readonly probers: readonly ProberStatus[];
  readonly services: readonly ServiceStatus[];
};

export type ProberStatus = {
  readonly prober: ProberId;
  readonly vantage: string;
  readonly isAlive: boolean;
  readonly version: string | null;
  readonly digest: string | null;
  readonly selfCheck: { readonly kind: string; readonly reason: string } | null;
};

export function readClusterStatus(deps: ReadDeps): ClusterStatus {
  return {
    cluster: deps.config.cluster.name,
    controller: readJson(deps.view.get(deps.keys.controller)),
    probers: deps.config.cluster.probers.map((prober) => {
      const record = readJson<Omit<ProberStatus, 'prober' | 'isAlive'>>(deps.view.get(deps.keys.prober(prober.id)));
      return {
        prober: prober.id,
        vantage: prober.vantage,
        isAlive: record !== null,
        version: record?.version ?? null,
        digest: record?.digest ?? null,
        selfCheck: record?.selfCheck ?? null,
      };
    }),
    services: deps.config.services.map((service) => readServiceStatus(deps, service)),
  };
}

export function readServiceStatus(deps: ReadDeps, service: ServiceConfig): ServiceStatus {
  const state = readMachine(deps, service);
  const { active, dns } = state.service;
  const published = service.nodes.find((node) => node.id === dns.confirmed?.node);
  const ttls = { steady: 'steadySeconds', suspect: 'suspectSeconds', settling: 'settlingSeconds' } as const;
  return {
    service: service.id,
    state: steadyOf(state),
    active,
    epoch: state.service.epoch,
    record: {
      name: service.record.name,
      address: published?.address ?? null,
      ttlSeconds: dns.confirmed === null ? null : service.record.ttl[ttls[dns.confirmed.level]],
    },
    nodes: service.nodes.map((node) => nodeReport(state, node)),
    operation: operationStatus(state.op),
    tail: operationStatus(state.tail),
    refusal: state.service.refusal,
    dnsProblem: state.service.dnsProblem,
    laggards: state.service.laggards,
    lastOpId: state.service.lastOpId,
    ...readOverlays(state),
  };
}

/** The machine's state as the records show it, with this prober's view of the votes. */
export function readMachine(deps: ReadDeps, service: ServiceConfig): MachineState {
  const rules = serviceRulesFromConfig(deps.config, service);
  const keys = recordKeys(deps.keys, rules);
  const entries = allKeys(keys).flatMap((key) => deps.view.get(key) ?? []);
  const state = decodeMachine(keys, rules, new Map(entries.map((entry) => [entry.key, entry])));
  const view = readServiceView(deps, { service, op: state.op, brake: null });
  return { ...state, local: { ...state.local, view } };
}

function nodeReport(state: MachineState, node: ServiceConfig['nodes'][number]): NodeStatusReport {
  const view = state.local.view.nodes[node.id];
  const { active, failed, failures } = state.service;
  const incident = failed[node.id];
  const maintenance = nodeMaintenance(state, node.id);
  const role =
    active === node.id ? 'active' : maintenance ? 'maintenance' : incident !== undefined ? 'failed' : 'standby';
  return {
    node: node.id,
    address: node.address,
    priority: node.priority,
    role,
    quorum: view?.up.kind === 'agreed' ? 'up' : view?.down.kind === 'agreed' ? 'down' : 'undecided',
    answering: view?.answering.map((seen) => seen.prober) ?? [],
    breadcrumb: state.breadcrumbs[node.id] ?? { kind: 'unknown', version: 0, why: 'no record' },
    failed: incident?.why ?? null,
    incident: incident === undefined ? null : withoutWhy(incident),
    failures: { count: failures[node.id]?.length ?? 0, threshold: state.rules.failureThreshold.count },
    maintenance,
    votes: view?.votes ?? [],
  };
}

function withoutWhy({ opId, stage, rootCause, actor }: FailedNode): Omit<FailedNode, 'why'> {
  return { opId, stage, rootCause, actor };
}

export function operationStatus(op: Operation | null): OperationStatus | null {
  if (op === null) return null;
  const { opId, kind, from, to, phase, reason, actor, startedWallMs, blocked, phases, rollback } = op;
  return {
    opId,
    kind,
    from,
    to,
    phase,
    reason,
    actor,
    startedWallMs,
    waitsFor: waitsFor(op),
    blocked,
    phases,
    rollback,
  };
}

function readJson<T>(entry: StoreEntry | undefined): T | null {
  if (entry === undefined) return null;
  try {
    return JSON.parse(entry.value) as T;
  } catch {
    return null;
  }
}
