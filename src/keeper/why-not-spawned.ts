// The rules by which a keeper refuses to start a program (S14, S16). A refusal has no effect and is not recorded: the same step
// is weighed anew when the agent comes again, for instance after it has armed a keeper that had to be replaced.
import type { SpawnRequest } from '../ports/keeper.ts';

export type SpawnStanding = {
  readonly epoch: number;
  readonly step: number;
  /** Of the last spawn; null: never spawned. */
  readonly spawnedEpoch: number | null;
  readonly deadlineBootMs: number | null;
  /** Its deadline has passed for this epoch. */
  readonly isOver: boolean;
  readonly isThere: boolean;
};

/** null: nothing speaks against it. */
export function whyNotSpawned({ epoch, step }: SpawnRequest, known: SpawnStanding): string | null {
  if (epoch < known.epoch) return `Cannot spawn: epoch ${epoch} is lower than ${known.epoch}, which is known here`;
  // S12: by epoch first. A store that was put back counts its steps from further below, under a higher epoch.
  if (epoch === known.spawnedEpoch && step <= known.step)
    return `Cannot spawn: step ${step} is not above ${known.step}, which was spawned before`;
  if (epoch !== known.epoch || (known.deadlineBootMs === null && !known.isOver))
    return `Cannot spawn: not armed for epoch ${epoch}`;
  if (known.isOver) return `Cannot spawn: the deadline of epoch ${epoch} has passed`;
  if (known.isThere) return 'Cannot spawn: an instance is there';
  return null;
}
