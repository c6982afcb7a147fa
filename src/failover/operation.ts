// One operation: what is moved from where to where, how far it is, and what it knows. It never expires by time (S10).
import type { NodeId, OpId } from '../base/ids.ts';
import type { Intent } from './intent.ts';
import type { Refusal, RuleId } from './refusal.ts';
import type { ServiceRules } from './service-rules.ts';

export const OPERATION_KINDS = [
  'automatic',
  'switchover',
  'forced',
  'failback',
  'restart',
  'coldStart',
  'conflict',
  'drill',
  'check',
  'adopt',
  'rejoin',
  'release',
  'answer',
  'return',
  'drain',
  'undrain',
  'fenceTest',
  'mend',
] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

/** Phases in the order of the way; src/failover/phase-table.ts says what each does and how it is resumed. */
export type Phase =
  | 'PLAN'
  | 'PRECHECK'
  | 'SYNC'
  | 'TTL_LOWER'
  | 'DRAIN'
  | 'UNDRAIN'
  | 'STOP_OLD'
  | 'FENCE'
  | 'CONFIRM_DOWN'
  | 'GRANT'
  | 'START_NEW'
  | 'VERIFY_NEW'
  | 'TARGET_FAILED'
  | 'RESYNC'
  | 'CUTOVER'
  | 'PROPAGATE'
  | 'POST'
  | 'DONE';

/** `failed`: no node could be started; `rolledBack`: the old node runs again; `aborted`: nothing was touched. */
export type Outcome = 'done' | 'aborted' | 'rolledBack' | 'failed';

export type PhaseTime = { readonly phase: Phase; readonly durationMs: number; readonly summary: string };

export type Operation = {
  readonly opId: OpId;
  readonly kind: OperationKind;
  readonly from: NodeId | null;
  /** Node that shall be active; null for operations that only prove or prepare (rejoin, release). */
  readonly to: NodeId | null;
  readonly reason: string;
  readonly actor: string;
  readonly startedWallMs: number;
  readonly rules: ServiceRules;
  readonly phase: Phase;
  /** The effect whose INTENT is committed and whose RESULT is not. */
  readonly intent: PendingIntent | null;
  readonly journalSeq: number;
  /** Nodes that need proof gained in this operation, in the order in which it is sought (S19). */
  readonly clear: readonly NodeId[];
  /** Nodes on which a fence level was fired; never a rollback target (S20). */
  readonly fenced: readonly NodeId[];
  /** Next level of the ladder for `clear[0]`. */
  readonly fenceLevel: number;
  readonly fenceRound: number;
  /** A fence test of one level only; null: every level, and every other operation. */
  readonly onlyLevel: number | null;
  /** Targets that failed in this operation. */
  readonly tried: readonly NodeId[];
  /** The first effect of STOP_OLD has been intended: from here on there is no abort. */
  readonly pastReturn: boolean;
  /** The current target has a START INTENT and may be running (S20). */
  readonly startIntended: boolean;
  readonly startAttempts: number;
  /** The target is stopped before it is started: in a restart, and after a start that was cut off (S33). */
  readonly stopsFirst: boolean;
  readonly rollback: boolean;
  /** Rules that a forced operation sets aside, by name. */
  readonly overrides: readonly RuleId[];
  /** false: a planned move that does not wait until the old TTL has expired. */
  readonly waitsForTtl: boolean;
  /** The drain action has begun and nobody has undone it. */
  readonly drained: boolean;
  /** What a person asked of the running operation; done as soon as no effect is in flight. */
  readonly order: { readonly kind: 'abort' | 'rollback'; readonly actor: string; readonly reason: string } | null;
  /** Age at which a person let it go on; it pauses again `opMaxAge` later (S34). */
  readonly continuedAtAgeMs: number;
  /** What a drill that only looks has found so far. */
  readonly findings: readonly Finding[];
  /** Epoch of this operation's last grant. */
  readonly epoch: number | null;
  readonly blocked: Refusal | null;
  readonly failure: string | null;
  readonly phases: readonly PhaseTime[];
};

/** One thing that a drill looked at. */
export type Finding = { readonly what: string; readonly ok: boolean; readonly reason: string };

export type PendingIntent = { readonly intent: Intent; readonly seq: number; readonly wallMs: number };
