// What can happen to a service, as the machine sees it: one event at a time, each plain data.
import type { NodeId } from '../base/ids.ts';
import type { MachineCommand } from './machine-command.ts';
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
  | { readonly kind: 'dns'; readonly seq: number; readonly outcome: DnsOutcome };

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
      readonly kind: 'fenceStatus';
      readonly node: NodeId;
      readonly level: number;
      readonly ok: boolean;
      readonly reason: string;
    }
  | { readonly kind: 'lease'; readonly node: NodeId; readonly epoch: number; readonly renewal: Renewal | null }
  | { readonly kind: 'dnsAccess'; readonly ok: boolean; readonly reason: string }
  | { readonly kind: 'propagation'; readonly laggards: readonly string[]; readonly horizonMonoMs: number | null };

/** After S27: applied (also when it was there already), stale: somebody above us wrote; drift: foreign values. */
export type DnsOutcome =
  | { readonly kind: 'applied' }
  | { readonly kind: 'stale'; readonly reason: string }
  | { readonly kind: 'drift'; readonly reason: string }
  | { readonly kind: 'failed'; readonly applied: 'none' | 'unknown'; readonly reason: string };

/** The last renewal that the store holds for a grant; what it says bounds how long the service may run (S15). */
export type Renewal = {
  readonly periodMs: number;
  readonly armed: boolean;
  /** Who ends the service at the deadline if the agent does not. */
  readonly enforced: 'watchdog' | 'keeper' | 'none';
};
