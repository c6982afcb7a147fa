// An operation as `status` shows it: what it is, how far it is, and what it waits for.
import type { Operation } from '../failover/operation.ts';
import { operationTitle } from '../failover/operation-title.ts';
import type { Refusal } from '../failover/refusal.ts';
import { waitsFor } from '../failover/waits-for.ts';

export type OperationStatus = {
  readonly opId: string;
  /** Kind and nodes as people read them. */
  readonly title: string;
  readonly kind: Operation['kind'];
  readonly from: string | null;
  readonly to: string | null;
  readonly phase: Operation['phase'];
  readonly reason: string;
  readonly actor: string;
  readonly startedWallMs: number;
  readonly waitsFor: string;
  readonly blocked: Refusal | null;
  readonly phases: Operation['phases'];
  readonly rollback: boolean;
};

export function operationStatus(op: Operation | null): OperationStatus | null {
  if (op === null) return null;
  const { opId, kind, from, to, phase, reason, actor, startedWallMs, blocked, phases, rollback } = op;
  return {
    opId,
    title: operationTitle(op),
    kind,
    from,
    to,
    phase,
    reason,
    actor,
    startedWallMs,
    waitsFor: waitsFor(op),
    blocked,
    phases,
    rollback,
  };
}
