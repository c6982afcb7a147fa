// What an operator can ask of a service. Every command is answered: accepted with the operation's id, or refused by a rule.
import type { NodeId, OpId } from '../base/ids.ts';
import type { Refusal, RuleId } from './refusal.ts';

export type MachineCommand =
  | {
      readonly kind: 'switchover';
      readonly from: NodeId | null;
      readonly to: NodeId | null;
      /** false: the old TTL is not waited out before anything is stopped [true]. */
      readonly waitsForTtl?: boolean;
      readonly reason: string;
    }
  /** Sets aside the rules it names, never the proof that the old node is down. */
  | {
      readonly kind: 'failover';
      readonly to: NodeId;
      readonly overrides: readonly RuleId[];
      readonly reason: string;
    }
  | {
      readonly kind: 'schedule';
      readonly from: NodeId | null;
      readonly to: NodeId | null;
      readonly atWallMs: number;
      readonly reason: string;
    }
  | { readonly kind: 'unschedule'; readonly reason: string }
  | { readonly kind: 'failback'; readonly reason: string }
  /** `live`: moves and comes back; otherwise it only looks whether a move would work. */
  | {
      readonly kind: 'drill';
      readonly live: boolean;
      readonly to: NodeId | null;
      readonly holdMs: number;
      readonly reason: string;
    }
  /** Bound to the operation that the person saw. */
  | { readonly kind: 'abort' | 'rollback' | 'continue'; readonly opId: OpId; readonly reason: string }
  | { readonly kind: 'freeze'; readonly on: boolean; readonly reason: string }
  | { readonly kind: 'gate'; readonly gate: string; readonly open: boolean; readonly reason: string }
  /** Silences the open alerts and ends the cooldown. */
  | { readonly kind: 'ack'; readonly reason: string }
  | { readonly kind: 'clearFailures'; readonly node: NodeId | null; readonly reason: string }
  /** A person works on a failed node; `rootCause` is what was found, if anything yet. */
  | { readonly kind: 'repair'; readonly node: NodeId; readonly rootCause: string | null; readonly reason: string }
  /** Takes a node of an active-active service out of the answer, or back in. */
  | { readonly kind: 'drain' | 'undrain'; readonly node: NodeId; readonly reason: string }
  | { readonly kind: 'adopt'; readonly node: NodeId; readonly reason: string }
  /** The record that stands at the provider without our TXT is taken over, if it still is what the person was shown (S11). */
  | { readonly kind: 'adoptRecord'; readonly shown: string; readonly reason: string }
  /** What somebody else made of our record is written again as it was, if it still is what the person was shown (S27). */
  | {
      readonly kind: 'repairRecord';
      readonly shown: string;
      readonly reason: string;
      readonly isSecond?: boolean | undefined;
    }
  /** Fires the fence ladder of a standby, or one level of it (counted from 0; null: all), to see that it proves what it says. */
  | { readonly kind: 'fenceTest'; readonly node: NodeId; readonly level: number | null; readonly reason: string }
  | { readonly kind: 'rejoin'; readonly node: NodeId; readonly reason: string }
  | {
      readonly kind: 'confirmDown';
      readonly node: NodeId;
      readonly reason: string;
      /** Breadcrumb version that was shown to the person who confirms (S17). */
      readonly version: number;
    }
  | {
      readonly kind: 'maintenance';
      readonly on: boolean;
      readonly node: NodeId | null;
      readonly reason: string;
      readonly expiresAfterMs: number;
    };

export type CommandReply =
  | { readonly kind: 'accepted'; readonly opId: OpId | null; readonly note: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };
