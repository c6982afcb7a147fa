// What starts the commands of jobs on this machine. Whether the node is active is asked at the last moment by what stands around
// the command, which outlives the agent and writes down how it ended.

export type JobStart = {
  readonly id: string;
  readonly service: string;
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** The whole environment of the command, but for what is said of service, node and epoch. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** `kill`: bound to the keeper of the service, which ends it with that (S16). */
  readonly onLoss: 'kill' | 'finish';
};

/**
 * `refused`: it was not run. `lost`: ended because the node stopped being active. `vanished`: what stood around it is gone and has
 * left no word. `notStarted`: there was no process.
 */
export type JobEnd = {
  readonly kind: 'refused' | 'ended' | 'timeout' | 'lost' | 'vanished' | 'notStarted';
  readonly code: number | null;
  readonly reason: string;
};

/** Nothing here throws or rejects. */
export type JobRunner = {
  readonly start: (job: JobStart) => Promise<JobEnd>;
  /** How the run ends that an agent before this one has started: when it has, or at once if it is gone. */
  readonly awaitOld: (id: string) => Promise<JobEnd>;
};
