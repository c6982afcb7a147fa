// What can happen to a service, as the machine sees it: one event at a time, each plain data.
import type { ErrorCode } from '../base/error-catalogue.ts';
import type { NodeId } from '../base/ids.ts';
import type { MachineCommand } from './machine-command.ts';
import type { PropagationReport } from './propagation-report.ts';
import type { ServiceRules } from './service-rules.ts';
import type { View } from './view.ts';

export type MachineEvent =
  /** This controller holds the term and has waited out its predecessor (S9). Intents without result are sent again. */
  | { readonly kind: 'takeover'; readonly term: number; readonly view: View }
  | { readonly kind: 'seen'; readonly view: View }
  | { readonly kind: 'tick' }
  /** The time in which an automatic failback may begin has come. */
  | { readonly kind: 'failbackWindow'; readonly openForMs: number }
  | { readonly kind: 'rules'; readonly rules: ServiceRules }
  | {
      readonly kind: 'request';
      readonly id: string;
      /** Version of the request's record, so that it is acted on once. */
      readonly version: number;
      readonly actor: string;
      readonly command: MachineCommand;
    }
  | { readonly kind: 'result'; readonly seq: number; readonly outcome: IntentOutcome }
  | { readonly kind: 'answer'; readonly question: string; readonly answer: Answer }
  /** `isSecond`, here and below: of the second provider. */
  | { readonly kind: 'dns'; readonly seq: number; readonly outcome: DnsOutcome; readonly isSecond?: boolean }
  /** The record was looked at beside any write; `seq` is the write that was in force then. */
  | { readonly kind: 'dnsLook'; readonly seq: number; readonly found: DnsFound; readonly isSecond?: boolean };

/** `isMendable`: the ownership is as we left it, so a guarded write above it puts the rest right (S26). */
export type DnsFound =
  | { readonly kind: 'asWritten' }
  | { readonly kind: 'drift'; readonly reason: string; readonly isMendable: boolean };

/** `killed`: ended with the controller's right to act; whether it had its effect is unknown (S33). */
export type IntentOutcome = {
  readonly kind: 'done' | 'failed' | 'timeout' | 'killed' | 'refused' | 'notOff' | 'error';
  readonly reason: string;
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>;
};

export type Answer =
  | {
      readonly kind: 'precheck';
      readonly node: NodeId;
      readonly ok: boolean;
      readonly reason: string;
      /** A line `oneup-lag: NUMBER` of its output; null without one. */
      readonly lag: number | null;
    }
  | {
      readonly kind: 'status';
      readonly node: NodeId;
      readonly role: 'active' | 'standby' | 'stopped' | 'starting' | 'unknown';
      readonly epoch: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'sweep';
      readonly node: NodeId;
      /** As it was when the question was asked. */
      readonly crumbVersion: number;
      /** Null when there was no answer that could be used. */
      readonly role: 'active' | 'standby' | 'stopped' | 'starting' | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'fenceStatus';
      readonly node: NodeId;
      readonly level: number;
      /** It answered. */
      readonly ok: boolean;
      readonly isOff: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'lease'; readonly node: NodeId; readonly epoch: number; readonly renewal: Renewal | null }
  | { readonly kind: 'dnsAccess'; readonly ok: boolean; readonly reason: string }
  | {
      readonly kind: 'propagation';
      readonly laggards: readonly string[];
      readonly horizonMonoMs: number | null;
      /** What each of them said, where it was looked at closely. */
      readonly report?: PropagationReport;
    };

/**
 * After S27: applied (also when it was there already), stale: somebody above us wrote; drift: foreign values; deferred: not
 * sent, because what is left of the provider's budget is kept for failovers.
 */
export type DnsOutcome =
  /** `changeId`: how a provider of others calls the change, where it was made now. */
  | { readonly kind: 'applied'; readonly changeId?: string }
  | { readonly kind: 'stale'; readonly reason: string }
  | { readonly kind: 'drift'; readonly reason: string }
  | { readonly kind: 'deferred'; readonly retryAfterMs: number; readonly reason: string }
  | DnsFailure;

export type DnsFailure = {
  readonly kind: 'failed';
  readonly applied: 'none' | 'unknown';
  readonly reason: string;
  /** Of the catalogue, which holds the remedy; null when it was no failure of the provider. */
  readonly code: Extract<ErrorCode, `ONEUP_PROVIDER_${string}`> | null;
  /** false: the same write will fail again until a person has changed something. */
  readonly isRetryable: boolean;
  /** What the provider asks to wait; null when it did not say. */
  readonly retryAfterMs: number | null;
  /** From 0 to below 1, drawn by the controller, so that services that failed together do not come back together. */
  readonly jitter: number;
  /** Number of the write whose ownership TXT stood there when this one was sent; absent when there was none, or it was not sent. */
  readonly foundSeq?: number;
};

/** The last renewal that the store holds for a grant; what it says bounds how long the service may run (S15). */
export type Renewal = {
  readonly periodMs: number;
  readonly armed: boolean;
  /** Who ends the service at the deadline if the agent does not. */
  readonly enforced: 'watchdog' | 'keeper' | 'none';
  /** Those whose word lets its holder go on without a store (S37); empty: nobody's does. */
  readonly asked: readonly string[];
  /** Who of them has answered after REVOKE that it refuses the holder; null: nobody (S15). */
  readonly refusedBy: string | null;
};
