// The parts from which tests put a service together: rules, a state, and what three probers see of each node.
import type { NodeId } from '../../../src/base/ids.ts';
import { buildView, type SeenObservation } from '../../../src/failover/build-view.ts';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { DnsFailure, MachineEvent } from '../../../src/failover/machine-event.ts';
import type { NodeRules, ServiceRules } from '../../../src/failover/service-rules.ts';
import {
  type Breadcrumb,
  EMPTY_LOCAL_STATE,
  EMPTY_SERVICE_RECORD,
  type FailedNode,
  type MachineState,
  type ServiceRecord,
} from '../../../src/failover/service-state.ts';
import { type StepResult, step } from '../../../src/failover/step.ts';
import type { View } from '../../../src/failover/view.ts';

export const PROBERS = [
  { id: 'p1', vantage: 'eu' },
  { id: 'p2', vantage: 'us' },
  { id: 'p3', vantage: 'ap' },
] as const;

/** 2026-01-01T00:00:00Z at monotonic time zero. */
const WALL_MS = 1_767_225_600_000;

export function dnsFailure(applied: DnsFailure['applied'], change: Partial<DnsFailure> = {}): DnsFailure {
  const code = applied === 'none' ? 'ONEUP_PROVIDER_UNREACHABLE' : 'ONEUP_PROVIDER_UNANSWERED';
  return { kind: 'failed', applied, reason: 'no', code, isRetryable: true, retryAfterMs: null, jitter: 0, ...change };
}

export function nodeRules(id: NodeId, change: Partial<NodeRules> = {}): NodeRules {
  return {
    id,
    address: `192.0.2.${id.charCodeAt(0)}`,
    priority: id.charCodeAt(0) - 96,
    actions: {
      start: 10_000,
      stop: 8_000,
      status: null,
      precheck: null,
      sync: null,
      resync: null,
      drain: null,
      undrain: null,
    },
    vantage: null,
    leaseProof: false,
    fenceLevels: 1,
    intervalMs: 1_000,
    timeoutMs: 500,
    recheckMs: 250,
    ...change,
  };
}

export function serviceRules(change: Partial<ServiceRules> = {}): ServiceRules {
  return {
    id: 'web',
    exclusive: true,
    warmStandby: false,
    automatic: true,
    nodes: [nodeRules('a'), nodeRules('b')],
    startupGraceMs: 3_000,
    cooldownMs: 3_600_000,
    budget: { count: 3, perMs: 86_400_000 },
    opMaxAgeMs: 1_800_000,
    precheckMaxAgeMs: 30_000,
    verifyTimeoutMs: 20_000,
    contactTimeoutMs: 5_000,
    stableForMs: 60_000,
    restart: { attempts: 0, perMs: 600_000 },
    cutover: 'verified',
    resyncAfter: 'failure',
    failback: 'manual',
    conflict: 'stopAll',
    coldStart: true,
    failureThreshold: { count: 3, perMs: 21_600_000 },
    maxLag: null,
    minStartable: 0,
    sweepEveryMs: null,
    gates: [],
    hasSorry: false,
    repairsDrift: false,
    ttl: { steadyMs: 5_000, suspectMs: 5_000, followsSuspicion: true },
    bounds: { rho: 0.01, marginMs: 1_000 },
    alertRepeatMs: 300_000,
    retryMs: 2_000,
    ...change,
  };
}

/** `up`: answers as active. `down`: the host answers, the service does not. `gone`: nothing answers. `silent`: no vote. */
export type Look = 'up' | 'down' | 'gone' | 'silent';

export type ViewOptions = {
  readonly revision?: number;
  /** Revision at which the observations were written [the view's]. */
  readonly writtenAt?: number;
  readonly brake?: string | null;
  readonly suspected?: readonly NodeId[];
  readonly stamp?: { readonly opId: string; readonly epoch: number } | null;
  /** What the probers see of warm standbys, by their own check. */
  readonly standby?: Readonly<Record<NodeId, Look | readonly [Look, Look, Look]>>;
};

/** A look for all three probers, or one for each. */
export function viewOf(
  looks: Readonly<Record<NodeId, Look | readonly [Look, Look, Look]>>,
  options: ViewOptions = {},
): View {
  const { revision = 10, writtenAt = revision, brake = null, suspected = [], stamp = null, standby } = options;
  const observed = (seen: typeof looks) =>
    Object.entries(seen).flatMap(([node, look]) =>
      PROBERS.flatMap(({ id }, at) => observe({ node, prober: id, revision: writtenAt }, pick(look, at), stamp)),
    );
  const observations = observed(looks);
  return buildView({
    service: 'web',
    nodes: Object.keys(looks),
    probers: PROBERS,
    minVantages: 2,
    observations,
    ...(standby === undefined ? {} : { standby: { nodes: Object.keys(standby), observations: observed(standby) } }),
    suspicions: suspected.map((node) => ({ node, prober: 'p1' })),
    abstaining: [],
    verifying: stamp,
    revision,
    brake,
  });
}

function pick(look: Look | readonly [Look, Look, Look], at: number): Look {
  return typeof look === 'string' ? look : (look[at] ?? 'silent');
}

function observe(
  seen: Omit<SeenObservation, 'observation'>,
  look: Look,
  stamp: ViewOptions['stamp'],
): readonly SeenObservation[] {
  if (look === 'silent') return [];
  const isUp = look === 'up';
  return [
    {
      ...seen,
      observation: {
        verdict: isUp ? 'up' : 'down',
        answering: isUp,
        reach: look === 'gone' ? 'unreached' : 'reached',
        reason: isUp ? 'status 200' : look === 'gone' ? 'no answer' : 'connection refused',
        phases: {},
        streak: 2,
        checkedWallMs: WALL_MS,
        vantage: 'eu',
        stamp: stamp ?? null,
      },
    },
  ];
}

export function down(version = 1, revision = 5): Breadcrumb {
  return { kind: 'down', version, how: 'stop acknowledged', wallMs: WALL_MS, revision };
}

/** A node that failed in operation `opId` and that nobody has looked at. */
export function failedMark(opId: string, why: string): FailedNode {
  return { opId, why, stage: 'failed', rootCause: null, actor: null };
}

export type StateChange = Partial<Omit<MachineState, 'service' | 'local'>> & {
  readonly service?: Partial<ServiceRecord>;
  readonly local?: Partial<MachineState['local']>;
};

/** Node `a` is active in epoch 1 and seen up by all, `b` is proven down; the term is old enough to decide. */
export function activeState(change: StateChange = {}): MachineState {
  const { service, local, ...rest } = change;
  return {
    rules: serviceRules(),
    breadcrumbs: { a: { kind: 'maybe', version: 2, epoch: 1 }, b: down() },
    grant: { node: 'a', epoch: 1, revoked: false },
    op: null,
    tail: null,
    ...rest,
    service: {
      ...EMPTY_SERVICE_RECORD,
      epoch: 1,
      step: 5,
      crumbVersion: 2,
      active: 'a',
      dns: { confirmed: { node: 'a', level: 'steady', epoch: 1, seq: 1 }, pending: null, unconfirmed: [], seq: 1 },
      ...service,
    },
    local: { ...EMPTY_LOCAL_STATE, term: 1, view: viewOf({ a: 'up', b: 'down' }), ...local },
  };
}

/** `event` at `atMs` of monotonic time [100 s]. */
export function at(state: MachineState, event: MachineEvent, atMs = 100_000): StepResult {
  return step(state, event, { monoMs: atMs, wallMs: WALL_MS + atMs });
}

export function request(command: MachineCommand): MachineEvent {
  return { kind: 'request', id: 'r1', version: 1, actor: 'ann', command };
}

/** What the operator hears: the rule of a refusal, or `accepted`. */
export function replyTo(state: MachineState, command: MachineCommand): string {
  const { effects } = at(state, request(command));
  const [answer] = effects.flatMap((effect) => (effect.kind === 'reply' ? [effect.reply] : []));
  if (answer === undefined) return 'no reply';
  return answer.kind === 'refused' ? answer.refusal.rule : 'accepted';
}
