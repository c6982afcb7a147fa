// `oneup plan`: what a failover of this service would do now, to whom, which rules would hold it, and how long it takes. All of
// it is computed from a snapshot, so that a saved one gives the same answer.
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import { type Candidates, candidates } from '../failover/candidates.ts';
import type { Phase, PhaseTime } from '../failover/operation.ts';
import { PHASES } from '../failover/phase-table.ts';
import type { Refusal } from '../failover/refusal.ts';
import type { MachineState } from '../failover/service-state.ts';
import { type OutageEstimate, type OutageInput, outageEstimate } from '../plan/outage-estimate.ts';
import type { Store } from '../ports/store.ts';
import { readHistory } from './read-history.ts';
import { automaticHold, plannedHolds } from './read-holds.ts';
import { type ReadDeps, readMachine } from './read-model.ts';
import { FORMAT, keysOf, machineOf, type PlanSnapshot } from './read-plan-snapshot.ts';

export type Plan = {
  readonly service: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly candidates: Candidates;
  /** The rule that would hold an automatic failover now; null when none would. */
  readonly heldBy: Refusal | null;
  /** The rules that would hold a planned move now. */
  readonly plannedHeldBy: readonly Refusal[];
  readonly phases: readonly { readonly phase: Phase; readonly does: string }[];
  /** What a planned move does before anything is stopped; null: it has nothing to do there. */
  readonly planned: { readonly ttlLowerMs: number | null; readonly drainAtMostMs: number | null };
  readonly dns: { readonly name: string; readonly before: string | null; readonly after: string | null };
  readonly outage: OutageEstimate;
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
    heldBy: automaticHold(state),
    plannedHeldBy: plannedHolds(state),
    phases: Object.entries(PHASES).map(([phase, { does }]) => ({ phase: phase as Phase, does })),
    planned: planned(state),
    dns: { name: snapshot.name, before: address(dns.confirmed?.node ?? null), after: address(to) },
    outage: outageEstimate(snapshot.outage),
  };
}

function planned({ rules, service }: MachineState): Plan['planned'] {
  const { steadyMs, suspectMs } = rules.ttl;
  const lowersTtl = steadyMs > suspectMs && service.active !== null && service.dns.confirmed?.node === service.active;
  return {
    ttlLowerMs: lowersTtl ? waitForPeriodMs(steadyMs, rules.bounds) : null,
    drainAtMostMs: rules.nodes.find(({ id }) => id === service.active)?.actions.drain ?? null,
  };
}

function outageInput(config: Config, service: ServiceConfig, times: readonly PhaseTime[]): OutageInput {
  const [first] = service.nodes;
  if (first === undefined) throw new RangeError(`Cannot plan ${service.id}: it has no nodes`);
  const { start, stop, fence } = first.actions;
  const { intervalMs, timeoutMs, fall, rise, minDownMs, recheckMs } = first.check;
  const { sessionTtlMs, killTimeMs, startupGraceMs } = config.cluster.timing;
  const { steadySeconds, suspectSeconds } = service.record.ttl;
  return {
    check: { intervalMs, timeoutMs, fall, rise, minDownMs, recheckMs },
    probers: config.cluster.probers.length,
    exclusive: service.exclusive,
    contactTimeoutMs: service.failover.contactTimeoutMs,
    stopTimeoutMs: stop?.timeoutMs ?? null,
    fenceTimeoutsMs: fence.map((level) => level.act.timeoutMs),
    startTimeoutMs: start?.timeoutMs ?? null,
    verifyTimeoutMs: service.failover.verifyTimeoutMs,
    ttl: { steadySeconds, suspectSeconds },
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
