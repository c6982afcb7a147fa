// What the machine wants done. The controller commits state and journal first, then does these, in order.
import type { OpId } from '../base/ids.ts';
import type { DnsIntent, Intent, Question } from './intent.ts';
import type { CommandReply } from './machine-command.ts';
import type { Operation, Outcome, Phase } from './operation.ts';
import type { Refusal } from './refusal.ts';

export type MachineEffect =
  | { readonly kind: 'run'; readonly seq: number; readonly op: Operation; readonly intent: Intent }
  | { readonly kind: 'ask'; readonly question: Question; readonly op: Operation | null }
  /** `isSecond`: at the second provider. */
  | {
      readonly kind: 'writeDns';
      readonly intent: DnsIntent;
      readonly unconfirmed: readonly DnsIntent[];
      readonly isSecond?: boolean;
    }
  | { readonly kind: 'reply'; readonly requestId: string; readonly reply: CommandReply }
  | { readonly kind: 'alert'; readonly alert: Alert }
  /** The provider holds something newer than anything we wrote: give up the controller lease (S27). */
  | { readonly kind: 'resign'; readonly reason: string };

/** Something a person should hear of: an event once, a condition again and again until it is acknowledged or over. */
export type Alert = {
  /** The same for every message about one condition; null for an event. */
  readonly id: string | null;
  readonly state: 'event' | 'open' | 'resolved';
  /** How often this condition was told, this time included. */
  readonly count: number;
  readonly level: 'info' | 'warning' | 'critical';
  readonly subject: string;
  readonly refusal: Refusal | null;
};

export type JournalEntry = {
  readonly opId: OpId;
  readonly seq: number;
  readonly kind: 'INTENT' | 'RESULT' | 'NOTE';
  readonly phase: Phase;
  readonly wallMs: number;
  readonly term: number;
  readonly text: string;
  readonly rules: readonly string[];
  readonly evidence: Readonly<Record<string, unknown>>;
};

/** The end of an operation: what `history` lists and `why` explains. */
export type HistoryEntry = {
  readonly op: Operation;
  readonly outcome: Outcome;
  readonly endedWallMs: number;
  readonly summary: string;
};
