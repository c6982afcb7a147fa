// The rules by which a keeper refuses a command beside a service (S16): it may run only where the service runs, under the same
// epoch, and not while that is coming to its end.

export type HostStanding = {
  readonly epoch: number;
  readonly deadlineBootMs: number | null;
  /** Its deadline has passed. */
  readonly isOver: boolean;
  readonly isThere: boolean;
  readonly isEnding: boolean;
};

/** null: nothing speaks against it. */
export function whyNotHosted(epoch: number, known: HostStanding): string | null {
  if (epoch !== known.epoch) return `Cannot host the command: its epoch ${epoch} is not ${known.epoch}`;
  if (known.deadlineBootMs === null || known.isOver) return 'Cannot host the command: the lease of the service is over';
  if (!known.isThere) return 'Cannot host the command: the service does not run';
  return known.isEnding ? 'Cannot host the command: the service is being stopped' : null;
}
