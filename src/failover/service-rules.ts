// What the machine needs to know of a service's configuration: plain numbers and flags, no commands and no secrets.
// An operation keeps the rules it was planned with until its end (S7).
import type { NodeId, ServiceId } from '../base/ids.ts';

export type ServiceRules = {
  readonly id: ServiceId;
  /** false: what may run twice; no proof is needed before a start (S21). */
  readonly exclusive: boolean;
  readonly automatic: boolean;
  readonly nodes: readonly NodeRules[];
  readonly startupGraceMs: number;
  readonly cooldownMs: number;
  readonly budget: { readonly count: number; readonly perMs: number };
  /** An operation older than this is told to a person as blocked until it ends (S34). */
  readonly opMaxAgeMs: number;
  readonly precheckMaxAgeMs: number;
  readonly verifyTimeoutMs: number;
  readonly contactTimeoutMs: number;
  readonly stableForMs: number;
  /** Pause between two rounds of a fence ladder that did not pass, and between two attempts at a DNS write. */
  readonly retryMs: number;
};

export type NodeRules = {
  readonly id: NodeId;
  /** Host of the node; the mass-failure brake counts these (S36). */
  readonly address: string;
  /** Lower is preferred; zero and below is never chosen. */
  readonly priority: number;
  /** Time limit of each configured action in milliseconds; null where none is configured. */
  readonly actions: {
    readonly start: number | null;
    readonly stop: number | null;
    readonly status: number | null;
    readonly precheck: number | null;
    readonly sync: number | null;
    readonly resync: number | null;
  };
  readonly fenceLevels: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly recheckMs: number;
};
