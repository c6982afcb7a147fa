// Everything the machine knows of one service. `service`, `breadcrumbs`, `grant`, `op` and `tail` are records of the store;
// `local` is what this controller has seen in its term and is built anew by the next one.
import type { NodeId, OpId } from '../base/ids.ts';
import type { DnsRecord, SecondLocal, SecondRecord } from './dns-record.ts';
import type { DnsPause } from './intent.ts';
import type { Member } from './member.ts';
import type { Operation } from './operation.ts';
import type { PropagationSummary } from './propagation-report.ts';
import type { Refusal } from './refusal.ts';
import type { ServiceRules } from './service-rules.ts';
import type { View } from './view.ts';

export type MachineState = {
  readonly rules: ServiceRules;
  readonly service: ServiceRecord;
  readonly breadcrumbs: Readonly<Record<NodeId, Breadcrumb>>;
  readonly grant: Grant | null;
  readonly op: Operation | null;
  /** CUTOVER, PROPAGATE and POST of the last operation (S10). */
  readonly tail: Operation | null;
  readonly local: LocalState;
};

export type ServiceRecord = {
  /** Raised by every grant; never falls (S11). */
  readonly epoch: number;
  /** Raised by every INTENT; never falls (S12). */
  readonly step: number;
  /** Source of breadcrumb versions; raised by every change of a breadcrumb (S19). */
  readonly crumbVersion: number;
  /** The node that was verified last and holds the grant; null when none does. */
  readonly active: NodeId | null;
  readonly dns: DnsRecord;
  /** At each place that is or was a second provider: one that comes back goes on above what it holds (S26). */
  readonly seconds?: Readonly<Record<string, SecondRecord>>;
  /** Nodes that failed or were fenced and come back by `rejoin` only (S36). */
  readonly failed: Readonly<Record<NodeId, FailedNode>>;
  readonly cooldown: AgedOperation | null;
  /** Automatic operations that count against the budget, newest last (S36). */
  readonly automaticOps: readonly AgedOperation[];
  /** A cutover happened and the service has not been stable since: TTLs stay short. */
  readonly settling: boolean;
  /** Restarts in place that count against their own budget (S36). */
  readonly restarts: readonly AgedOperation[];
  /** Failures of each node that count against its threshold, newest last. */
  readonly failures: Readonly<Record<NodeId, readonly AgedOperation[]>>;
  /** An operator's hold on every operation (S35). */
  readonly frozen: Mode | null;
  /** Gates that are closed, by name. */
  readonly closedGates: Readonly<Record<string, Mode>>;
  /** A switchover that begins at a time; at most one. */
  readonly scheduled: ScheduledMove | null;
  /** Until when an automatic failback may begin; null outside of the window. */
  readonly failbackWindow: FailbackWindow | null;
  /** A live drill that has moved away and will come back. */
  readonly drill: DrillReturn | null;
  /** `cutover: early`: whom DNS named before it was told to name a target that is not verified yet (S28). */
  readonly early: { readonly target: NodeId; readonly before: NodeId | null } | null;
  /** Nobody is active because a person left it so: nothing starts by itself (S35). */
  readonly awaitsOperator: boolean;
  /** Conditions that a person should know of, told again and again until acknowledged (S34). */
  readonly alerts: readonly OpenAlert[];
  readonly maintenance: Maintenance | null;
  readonly nodeMaintenance: Readonly<Record<NodeId, Maintenance>>;
  /** What the sweep over all nodes last heard of each (S25). */
  readonly statuses: Readonly<Record<NodeId, SweptStatus>>;
  readonly lastOpId: OpId | null;
  /** Why no automatic operation is started although the active is agreed down, and why DNS does not say what it should. */
  readonly refusal: Refusal | null;
  readonly dnsProblem: Refusal | null;
  /** Name servers that did not answer anew after the last cutover, and what the world answered where it was asked closely. */
  readonly laggards: readonly string[];
  readonly propagation?: PropagationSummary;
  /** What is known of each node of an active-active service. */
  readonly members?: Readonly<Record<NodeId, Member>>;
};

/** How far a failed node is on its way back: `rejoin` is the only end of it (S36). */
export type FailedNode = {
  readonly opId: OpId;
  readonly why: string;
  readonly stage: 'failed' | 'repairing' | 'resyncing';
  /** What the person who repairs it found, or null. */
  readonly rootCause: string | null;
  readonly actor: string | null;
};

/** Written when it changes: until then the node goes on saying the same, in every round. */
export type SweptStatus = {
  /** The last answer; null before the first. */
  readonly role: 'active' | 'standby' | 'stopped' | 'starting' | null;
  readonly reason: string;
  /** Version of the breadcrumb when it was asked: what was said before a proof does not speak against it (S19). */
  readonly crumbVersion: number;
  /** The same answer in a row, counted only as far as it matters. */
  readonly times: number;
  readonly sinceWallMs: number;
  /** A conflict was begun because of this answer. */
  readonly isActedOn: boolean;
  /** Questions in a row that nobody answered, counted only as far as it matters. */
  readonly unanswered: number;
  /** Why the last question had no answer; null when it had one. */
  readonly fault: string | null;
};

export type Mode = { readonly reason: string; readonly actor: string; readonly sinceWallMs: number };

export type ScheduledMove = {
  readonly from: NodeId | null;
  readonly to: NodeId | null;
  /** Wall clock of whoever is the controller then; a schedule is a time of day by nature. */
  readonly atWallMs: number;
  readonly reason: string;
  readonly actor: string;
};

export type DrillReturn = {
  readonly from: NodeId;
  readonly to: NodeId;
  /** How long the service stays away once it is stable there. */
  readonly holdMs: number;
  readonly actor: string;
  readonly reason: string;
};

export type OpenAlert = {
  /** Names the condition; the same while it lasts. */
  readonly id: string;
  readonly level: 'warning' | 'critical';
  readonly refusal: Refusal;
  readonly sinceWallMs: number;
  /** How often it was sent. */
  readonly count: number;
  readonly ackedBy: string | null;
};

/** `agedMs`: how old it was when a controller last wrote it down; the next one counts on from there (S1: ages travel). */
export type AgedOperation = { readonly opId: OpId; readonly agedMs: number };

export type Maintenance = Mode & {
  readonly expiresAfterMs: number;
  /** How old it was when a controller last wrote it down; absent: just begun. The next one counts on from there (S1). */
  readonly agedMs?: number;
};

/** A time of day by nature, like a schedule, so it is measured by the wall clock of whoever is the controller then. */
export type FailbackWindow = { readonly untilWallMs: number; readonly openForMs: number };

/** Persistent: may this node be running? An absent one means unknown (S11). */
export type Breadcrumb =
  | {
      readonly kind: 'down';
      readonly version: number;
      readonly how: string;
      readonly wallMs: number;
      /** Highest store revision known when the proof came: a sign of activity is an observation written after it (S19). */
      readonly revision: number;
    }
  | {
      readonly kind: 'maybe';
      readonly version: number;
      readonly epoch: number;
      /** Proven down when it was granted: nothing older could be running there (S15). */
      readonly wasDown?: boolean;
    }
  | { readonly kind: 'unknown'; readonly version: number; readonly why: string }
  /** Added to a running service: no candidate and not asked for proof, but watched, until it is proven down (S7). */
  | { readonly kind: 'joining'; readonly version: 0 };

export type Grant = { readonly node: NodeId; readonly epoch: number; readonly revoked: boolean };

export type LocalState = {
  readonly term: number;
  readonly termSinceMonoMs: number;
  readonly view: View;
  /** When this controller entered the phase of `op` or `tail`; waits count from here (S15: a new term counts anew). */
  readonly opPhaseSinceMonoMs: number;
  readonly tailPhaseSinceMonoMs: number;
  /** Not before this time is a failed fence ladder tried again, or a DNS write that names what the one before named (S28). */
  readonly fenceRetryAtMonoMs: number;
  readonly dnsPause: DnsPause | null;
  readonly dnsRefused: 'stale' | null;
  /** DNS writes that failed in a row. */
  readonly dnsFailures: number;
  /** The same of the second record; null: nothing yet. */
  readonly second: SecondLocal | null;
  /** Not before this time is the target of VERIFY_NEW asked for its status again. */
  readonly statusRetryAtMonoMs: number;
  /** When each open alert was last sent in this term. */
  readonly alertedAtMonoMs: Readonly<Record<string, number>>;
  /** Since when DNS answers with a short TTL; a planned move waits the old one out from here. */
  readonly lowTtlSinceMonoMs: number | null;
  /** Since when several nodes answer, or nothing runs although it should. */
  readonly conflictSinceMonoMs: number | null;
  readonly silentSinceMonoMs: number | null;
  /** Questions under way, so that they are asked once. */
  readonly asking: readonly string[];
  /** Questions of the running operation to which a node did not answer that it is a standby. */
  readonly notStandby: readonly string[];
  readonly prechecks: Readonly<Record<NodeId, Precheck>>;
  /** When the sweep last asked each node, and when it was last answered; null: not in this term, or so long ago that it tells nothing. */
  readonly sweeps: Readonly<Record<NodeId, { readonly askedAtMonoMs: number; readonly heardAtMonoMs: number | null }>>;
  /** When each operation that counts, and each maintenance, was first seen: ages are measured here, never compared (S1). */
  readonly firstSeenMonoMs: Readonly<Record<string, number>>;
  /** Since when the quorum holds the active up without a suspicion. */
  readonly stableSinceMonoMs: number | null;
  /** Set when the name servers were asked: what they said, and when the last old answer expires. */
  readonly propagation: Propagation | null;
  /** What is known of the lease of each node whose grant was revoked in this term. */
  readonly leaseWaits: Readonly<Record<NodeId, LeaseWait>>;
  /** When the name servers that did not answer anew were last asked again. */
  readonly laggardsAskedAtMonoMs: number;
  /** When each node of an active-active service reached its stage of the slow start. */
  readonly stageSinceMonoMs: Readonly<Record<NodeId, number>>;
  /** Resyncs of a node that failed in a row in this term, and when the next one may begin. */
  readonly resyncRetries: Readonly<Record<NodeId, { readonly failures: number; readonly atMonoMs: number }>>;
};

/** `untilMonoMs` null: waiting proves nothing. `againAtMonoMs`: from when on it is asked anew, as the answer may change. */
export type LeaseWait = { readonly untilMonoMs: number | null; readonly why: string; readonly againAtMonoMs?: number };

export type Precheck = {
  readonly ok: boolean;
  readonly reason: string;
  /** How far behind the node is, as its precheck printed it. */
  readonly lag: number | null;
  readonly atMonoMs: number;
};

export type Propagation = {
  /** Name servers that did not answer anew, by name. */
  readonly laggards: readonly string[];
  /** Monotonic time after which no honest resolver holds the old answer; null when it cannot be known (S31). */
  readonly horizonMonoMs: number | null;
};

export const EMPTY_SERVICE_RECORD: ServiceRecord = {
  epoch: 0,
  step: 0,
  crumbVersion: 0,
  active: null,
  dns: { confirmed: null, pending: null, unconfirmed: [], seq: 0 },
  failed: {},
  cooldown: null,
  automaticOps: [],
  settling: false,
  restarts: [],
  failures: {},
  frozen: null,
  closedGates: {},
  scheduled: null,
  failbackWindow: null,
  drill: null,
  early: null,
  awaitsOperator: false,
  alerts: [],
  maintenance: null,
  nodeMaintenance: {},
  statuses: {},
  lastOpId: null,
  refusal: null,
  dnsProblem: null,
  laggards: [],
};

/** What a controller knows in mind before its first look. */
export const EMPTY_LOCAL_STATE: LocalState = {
  term: 0,
  termSinceMonoMs: 0,
  view: { nodes: {}, revision: 0, brake: null },
  opPhaseSinceMonoMs: 0,
  tailPhaseSinceMonoMs: 0,
  fenceRetryAtMonoMs: 0,
  dnsPause: null,
  dnsRefused: null,
  dnsFailures: 0,
  second: null,
  statusRetryAtMonoMs: 0,
  alertedAtMonoMs: {},
  lowTtlSinceMonoMs: null,
  conflictSinceMonoMs: null,
  silentSinceMonoMs: null,
  asking: [],
  notStandby: [],
  prechecks: {},
  sweeps: {},
  firstSeenMonoMs: {},
  stableSinceMonoMs: null,
  propagation: null,
  leaseWaits: {},
  laggardsAskedAtMonoMs: 0,
  stageSinceMonoMs: {},
  resyncRetries: {},
};
