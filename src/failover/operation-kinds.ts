// Kinds of operation that several rooms of the machine tell apart.
import type { Operation, OperationKind } from './operation.ts';

const AUTOMATIC: readonly OperationKind[] = ['automatic', 'coldStart'];
/** Those that only prepare or look: they must not hold the place of a failover (S10). */
const YIELDING: readonly OperationKind[] = ['check', 'rejoin'];
const PREPARING: readonly OperationKind[] = ['check', 'rejoin', 'release', 'fenceTest'];
const WITH_WAY_BACK: readonly OperationKind[] = ['switchover', 'forced', 'failback', 'drill'];

/** Begun by oneup because something died: counted by cooldown and budget, and free to choose another target. */
export function isAutomatic({ kind }: Pick<Operation, 'kind'>): boolean {
  return AUTOMATIC.includes(kind);
}

/** Begun by a person or by schedule while the old node was well: it may go back there. */
export function hasWayBack({ kind }: Pick<Operation, 'kind'>): boolean {
  return WITH_WAY_BACK.includes(kind);
}

/** Nobody asked for it: what made it necessary is still there when it is aborted. */
export function beginsByItself({ kind }: Pick<Operation, 'kind'>): boolean {
  return AUTOMATIC.includes(kind) || kind === 'conflict' || kind === 'restart';
}

/** Leaves the active node alone. */
export function preparesOnly({ kind }: Pick<Operation, 'kind'>): boolean {
  return PREPARING.includes(kind);
}

export function isYielding({ kind, phase }: Pick<Operation, 'kind' | 'phase'>): boolean {
  // Its node is marked as failed before the first shot, so no failover chooses a node that is being fenced.
  if (kind === 'fenceTest') return true;
  return YIELDING.includes(kind) && (phase === 'PRECHECK' || phase === 'RESYNC');
}
