// `oneup plan`: what a failover of this service would do now, to whom, which rules would hold it, and how long it takes. All of
// it is computed from a snapshot, so that a saved one gives the same answer.
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { atEachProvider } from '../config/second-provider.ts';
import { type Candidates, candidates } from '../failover/candidates.ts';
import type { Phase, PhaseTime } from '../failover/operation.ts';
import { PHASES } from '../failover/phase-table.ts';
import type { Refusal } from '../failover/refusal.ts';
import { asSecond } from '../failover/second-record.ts';
import type { MachineState } from '../failover/service-state.ts';
import { type OutageEstimate, type OutageInput, outageEstimate } from '../plan/outage-estimate.ts';
import type { Store } from '../ports/store.ts';
import { readHistory } from './read-history.ts';
import { automaticHolds, plannedHolds } from './read-holds.ts';
import { type ReadDeps, readMachine } from './read-model.ts';
import { FORMAT, keysOf, machineOf, type PlanSnapshot } from './read-plan-snapshot.ts';
import { planOfSet, type SetPlan } from './read-set.ts';
import { readReadiness } from './readiness.ts';
import { publishedTtl } from './record-ttl.ts';

export type Plan = {
  readonly service: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly candidates: Candidates;
  /** Every node but the active one, as its last precheck found it. */
  readonly standbys: readonly StandbyReadiness[];
  /** The rules that would hold an automatic failover now. */
  readonly heldBy: readonly Refusal[];
  /** The rules that would hold a planned move now. */
  readonly plannedHeldBy: readonly Refusal[];
  readonly phases: readonly { readonly phase: Phase; readonly does: string }[];
  /** What a planned move does before anything is stopped; null: it has nothing to do there. */
  readonly planned: { readonly ttlLowerMs: number | null; readonly drainAtMostMs: number | null };
  readonly dns: {
    readonly name: string;
    readonly before: string | null;
    readonly after: string | null;
    /** As published, within the range of the provider. */
    readonly ttl: MachineState['rules']['ttl'];
  };
  readonly outage: OutageEstimate;
  /** What an active-active service answers, and would answer without each node; null for an active-passive one. */
  readonly set: SetPlan | null;
};

export type StandbyReadiness = {
  readonly node: string;
  /** `unknown`: the controller has not asked yet; `no-precheck`: there is no such action, so it shows only when it is started. */
  readonly ready: 'yes' | 'no' | 'unknown' | 'no-precheck';
  readonly reason: string | null;
  /** As the precheck printed it; null when it printed none. */
  readonly lag: number | null;
  /** Since when the prechecks say so. */
  readonly sinceWallMs: number | null;
  /** How often it is asked while nothing is going on. */
  readonly askedEveryMs: number | null;
};

/** Operations looked at for measured times. */
const MEASURED_MAX = 20;

type PlanDeps = ReadDeps & { readonly store: Store };

/** Reads only; the same answer for everybody who sees the same records. */
export async function readPlan(deps: PlanDeps, service: ServiceConfig): Promise<Plan> {
  return planOf(await readPlanSnapshot(deps, service, 0));
}

export async function readPlanSnapshot(
  deps: PlanDeps,
  service: ServiceConfig,
  nowWallMs: number,
): Promise<PlanSnapshot> {
  const { rules, local } = readMachine(deps, service);
  const cluster = deps.config.cluster.name;
  const past = await readHistory(deps, { service: service.id, limit: MEASURED_MAX });
  const records = keysOf({ cluster, rules }).flatMap((key): readonly (readonly [string, unknown])[] => {
    const entry = deps.view.get(key);
    return entry === undefined ? [] : [[key, JSON.parse(entry.value)]];
  });
  return {
    format: FORMAT,
    savedAt: new Date(nowWallMs).toISOString(),
    cluster,
    service: service.id,
    name: service.record.name,
    rules,
    records: Object.fromEntries(records),
    view: local.view,
    readiness: readReadiness(deps, service),
    outage: outageInput(
      deps.config,
      service,
      past.flatMap((entry) => entry.op.phases),
    ),
  };
}

/** Pure: from the file alone, without a prober or a store. */
export function planOf(snapshot: PlanSnapshot): Plan {
  const state = machineOf(snapshot);
  const { active, dns } = state.service;
  const found = candidates(state, active === null ? [] : [active]);
  const [to = null] = found.eligible;
  const address = (id: string | null) => state.rules.nodes.find((node) => node.id === id)?.address ?? null;
  return {
    service: snapshot.service,
    from: active,
    to,
    candidates: found,
    standbys: standbys(state, snapshot.readiness ?? {}),
    heldBy: automaticHolds(state),
    plannedHeldBy: plannedHolds(state),
    phases: Object.entries(PHASES).map(([phase, { does }]) => ({ phase: phase as Phase, does })),
    planned: planned(state),
    dns: {
      name: snapshot.name,
      before: address(dns.confirmed?.node ?? null),
      after: address(to),
      ttl: state.rules.ttl,
    },
    outage: outageEstimate(snapshot.outage),
    set: planOfSet(state),
  };
}

function planned(state: MachineState): Plan['planned'] {
  const { rules, service } = state;
  // The longest is waited out, of those providers that name the active and have a TTL to lower.
  const lowered = [state, asSecond(state)].filter((record) => record !== null && lowersTtl(record));
  const steadyMs = lowered.length === 0 ? null : Math.max(...lowered.map((record) => record?.rules.ttl.steadyMs ?? 0));
  return {
    ttlLowerMs: steadyMs === null ? null : waitForPeriodMs(steadyMs, rules.bounds),
    drainAtMostMs: rules.nodes.find(({ id }) => id === service.active)?.actions.drain ?? null,
  };
}

function lowersTtl({ rules, service }: MachineState): boolean {
  const { steadyMs, suspectMs } = rules.ttl;
  return steadyMs > suspectMs && service.active !== null && service.dns.confirmed?.node === service.active;
}

function standbys({ rules, service }: MachineState, told: NonNullable<PlanSnapshot['readiness']>): Plan['standbys'] {
  return rules.nodes
    .filter(({ id }) => id !== service.active)
    .map(({ id, actions }): StandbyReadiness => {
      const askedEveryMs = rules.precheckMaxAgeMs / 2;
      if (actions.precheck === null)
        return { node: id, ready: 'no-precheck', reason: null, lag: null, sinceWallMs: null, askedEveryMs: null };
      const found = told[id];
      if (found === undefined)
        return { node: id, ready: 'unknown', reason: null, lag: null, sinceWallMs: null, askedEveryMs };
      const { ok, reason, lag, sinceWallMs } = found;
      return { node: id, ready: ok ? 'yes' : 'no', reason, lag, sinceWallMs, askedEveryMs };
    });
}

/** The numbers of one service, of which `times` were measured. */
export function outageInput(config: Config, service: ServiceConfig, times: readonly PhaseTime[]): OutageInput {
  const [first] = service.nodes;
  if (first === undefined) throw new RangeError(`Cannot plan ${service.id}: it has no nodes`);
  const { start, stop, fence } = first.actions;
  const { intervalMs, timeoutMs, fall, rise, minDownMs, recheckMs } = first.check;
  const { sessionTtlMs, killTimeMs, startupGraceMs } = config.cluster.timing;
  // Resolvers ask either of two providers: nobody feels more than the slower one.
  const published = atEachProvider(service).map(({ record }) => publishedTtl(config, record));
  const steadySeconds = Math.max(...published.map(({ ttl }) => ttl.steadySeconds));
  const suspectSeconds = Math.max(...published.map(({ ttl }) => ttl.suspectSeconds));
  const followsSuspicion = published.every(({ traits }) => traits.followsSuspicion);
  return {
    check: { intervalMs, timeoutMs, fall, rise, minDownMs, recheckMs },
    probers: service.probers.length,
    exclusive: service.exclusive,
    contactTimeoutMs: service.failover.contactTimeoutMs,
    stopTimeoutMs: stop?.timeoutMs ?? null,
    fenceTimeoutsMs: fence.map((level) => level.act.timeoutMs),
    startTimeoutMs: start?.timeoutMs ?? null,
    // Nothing is started in an active-active service, so there is nothing to verify before the answer.
    verifyTimeoutMs: service.activeActive === null ? service.failover.verifyTimeoutMs : 0,
    ttl: { steadySeconds, suspectSeconds, followsSuspicion },
    controller: { sessionTtlMs, killTimeMs, startupGraceMs },
    measured: {
      stopMs: median(times, 'STOP_OLD'),
      fenceMs: median(times, 'FENCE'),
      startMs: median(times, 'START_NEW'),
    },
  };
}

function median(times: readonly PhaseTime[], phase: Phase): number | null {
  const values = times
    .filter((time) => time.phase === phase)
    .map((time) => time.durationMs)
    .sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}
