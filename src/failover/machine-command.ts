// What an operator can ask of a service. Every command is answered: accepted with the operation's id, or refused by a rule.
import type { NodeId, OpId } from '../base/ids.ts';
import type { Refusal } from './refusal.ts';

export type MachineCommand =
  | { readonly kind: 'switchover'; readonly from: NodeId | null; readonly to: NodeId | null; readonly reason: string }
  | { readonly kind: 'failback'; readonly reason: string }
  | { readonly kind: 'adopt'; readonly node: NodeId; readonly reason: string }
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
