// What the machine needs to know of a service's configuration: plain numbers and flags, no commands and no secrets.
// An operation keeps the rules it was planned with until its end (S7).
import type { NodeId, ServiceId } from '../base/ids.ts';

export type ServiceRules = {
  readonly id: ServiceId;
  /** false: what may run twice; no proof is needed before a start (S21). */
  readonly exclusive: boolean;
  /** Standbys run and pass a check of their own, so a stop is no way to prove what they are (S17). */
  readonly warmStandby: boolean;
  readonly automatic: boolean;
  readonly nodes: readonly NodeRules[];
  readonly startupGraceMs: number;
  readonly cooldownMs: number;
  readonly budget: { readonly count: number; readonly perMs: number };
  /** An operation at work for longer is paused, and told as blocked, until a person lets it go on (S34). */
  readonly opMaxAgeMs: number;
  readonly precheckMaxAgeMs: number;
  readonly verifyTimeoutMs: number;
  readonly contactTimeoutMs: number;
  readonly stableForMs: number;
  /** Restarts in place before a failover, and the time in which they count; 0 restarts none. */
  readonly restart: { readonly attempts: number; readonly perMs: number };
  /** early: DNS names the target after GRANT, before it is verified. */
  readonly cutover: 'verified' | 'early';
  /** After which end of its time as active a node is resynchronised before it may become active again. */
  readonly resyncAfter: 'failure' | 'move';
  readonly failback: 'manual' | 'window';
  /** What happens when several run and none of them holds the grant. */
  readonly conflict: 'stopAll' | 'freeze';
  /** Nothing runs any more and no person wanted that: start the preferred node. */
  readonly coldStart: boolean;
  /** A node that failed so often within the time is no candidate until it has passed or the failures are cleared. */
  readonly failureThreshold: { readonly count: number; readonly perMs: number };
  /** Greatest lag, as the precheck prints it, with which a node may become active; null for any. */
  readonly maxLag: number | null;
  /** A move is refused when fewer nodes, its target included, could be started. */
  readonly minStartable: number;
  /** Gates that a person may close; a closed one holds every move. */
  readonly gates: readonly string[];
  /** A failed target's name may be replaced by an address that says sorry (S28). */
  readonly hasSorry: boolean;
  /** What others change in its record is written again as it was, foreign values too (S27). */
  readonly repairsDrift: boolean;
  readonly ttl: TtlRules;
  /** Name of the provider, where there are two and every word about one must say which. */
  readonly writtenTo?: string;
  /** Where the same answer is kept besides; `place`: the provider and its zone, under which it is on record. Absent: nowhere. */
  readonly second?: { readonly provider: string; readonly place: string; readonly ttl: TtlRules };
  /** Each node is asked for its status once in this time; null: never (S25). */
  readonly sweepEveryMs: number | null;
  /** Clock bounds and margin for waits (S2). */
  readonly bounds: { readonly rho: number; readonly marginMs: number };
  /** Pause between two alerts of one condition. */
  readonly alertRepeatMs: number;
  /** Pause between two rounds of a fence ladder that did not pass, and between two attempts at a DNS write. */
  readonly retryMs: number;
  /** Absent: active-passive. */
  readonly activeActive?: ActiveActiveRules;
};

export type TtlRules = {
  readonly steadyMs: number;
  readonly suspectMs: number;
  /** false: each change of the TTL is a call to somebody's API, so only planned moves shorten it. */
  readonly followsSuspicion: boolean;
};

/** All nodes that the quorum holds up answer; nothing is granted, started or fenced. */
export type ActiveActiveRules = {
  /** With fewer healthy nodes every verified one is answered (S28). */
  readonly minHealthy: number;
  /** How long a node that comes back takes to its full share; 0: at once. */
  readonly slowStartMs: number;
  /** Share of each node against the others. */
  readonly weights: Readonly<Record<NodeId, number>>;
};

export type NodeRules = {
  readonly id: NodeId;
  /** Host of the node; the mass-failure brake counts these (S36). */
  readonly address: string;
  /** Lower is preferred; zero and below is never chosen. */
  readonly priority: number;
  readonly vantage: string | null;
  /** The node has an agent whose lease may serve as proof that it is down (S16). */
  readonly leaseProof: boolean;
  /** Time limit of each configured action in milliseconds; null where none is configured. */
  readonly actions: {
    readonly start: number | null;
    readonly stop: number | null;
    readonly status: number | null;
    readonly precheck: number | null;
    readonly sync: number | null;
    readonly resync: number | null;
    readonly drain: number | null;
    readonly undrain: number | null;
  };
  readonly fenceLevels: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly recheckMs: number;
};
