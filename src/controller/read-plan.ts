// `oneup plan`: what a failover of this service would do now, to whom, which rules would hold it, and how long it takes.
import type { ServiceConfig } from '../config/config.ts';
import { automaticRefusal } from '../failover/automatic-rules.ts';
import { type Candidates, candidates } from '../failover/candidates.ts';
import type { Phase, PhaseTime } from '../failover/operation.ts';
import { PHASES } from '../failover/phase-table.ts';
import type { Refusal } from '../failover/refusal.ts';
import { type OutageEstimate, outageEstimate } from '../plan/outage-estimate.ts';
import type { Store } from '../ports/store.ts';
import { readHistory } from './read-history.ts';
import { type ReadDeps, readMachine } from './read-model.ts';

export type Plan = {
  readonly service: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly candidates: Candidates;
  /** The rule that would hold an automatic failover now; null when none would. */
  readonly heldBy: Refusal | null;
  readonly phases: readonly { readonly phase: Phase; readonly does: string }[];
  readonly dns: { readonly name: string; readonly before: string | null; readonly after: string | null };
  readonly outage: OutageEstimate;
};

/** Operations looked at for measured times. */
const MEASURED_MAX = 20;

/** Reads only; the same answer for everybody who sees the same records. */
export async function readPlan(deps: ReadDeps & { readonly store: Store }, service: ServiceConfig): Promise<Plan> {
  const state = readMachine(deps, service);
  const { active } = state.service;
  const found = candidates(state, active === null ? [] : [active]);
  const [to = null] = found.eligible;
  const address = (id: string | null) => service.nodes.find((node) => node.id === id)?.address ?? null;
  const past = await readHistory(deps, { service: service.id, limit: MEASURED_MAX });
  const now = { monoMs: state.local.termSinceMonoMs + state.rules.startupGraceMs, wallMs: 0 };
  return {
    service: service.id,
    from: active,
    to,
    candidates: found,
    heldBy: active === null ? null : automaticRefusal(state, active, now),
    phases: Object.entries(PHASES).map(([phase, { does }]) => ({ phase: phase as Phase, does })),
    dns: { name: service.record.name, before: address(state.service.dns.confirmed?.node ?? null), after: address(to) },
    outage: estimate(
      deps,
      service,
      past.flatMap((entry) => entry.op.phases),
    ),
  };
}

function estimate({ config }: ReadDeps, service: ServiceConfig, times: readonly PhaseTime[]): OutageEstimate {
  const [first] = service.nodes;
  if (first === undefined) throw new RangeError(`Cannot plan ${service.id}: it has no nodes`);
  const { start, stop, fence } = first.actions;
  return outageEstimate({
    check: first.check,
    probers: config.cluster.probers.length,
    exclusive: service.exclusive,
    contactTimeoutMs: service.failover.contactTimeoutMs,
    stopTimeoutMs: stop?.timeoutMs ?? null,
    fenceTimeoutsMs: fence.map((level) => level.act.timeoutMs),
    startTimeoutMs: start?.timeoutMs ?? null,
    verifyTimeoutMs: service.failover.verifyTimeoutMs,
    ttl: service.record.ttl,
    controller: config.cluster.timing,
    measured: {
      stopMs: median(times, 'STOP_OLD'),
      fenceMs: median(times, 'FENCE'),
      startMs: median(times, 'START_NEW'),
    },
  });
}

function median(times: readonly PhaseTime[], phase: Phase): number | null {
  const values = times
    .filter((time) => time.phase === phase)
    .map((time) => time.durationMs)
    .sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}
