// Running one program to its end under a deadline: for exec checks and for the queries of drivers, which change nothing.
// Actions that change a node never come this way; they run under the runner (S12).

export type CommandSpec = {
  /** argv, at least one word; run without a shell. */
  readonly argv: readonly string[];
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** Working directory, or null for that of this process. */
  readonly cwd: string | null;
};

/**
 * `exited`: it ended by itself, by exit code or by a signal that was not ours. `deadline`: the signal aborted first and its
 * process group was killed. `notStarted`: there was no process, with reason and remedy.
 */
export type CommandOutcome = {
  readonly kind: 'exited' | 'deadline' | 'notStarted';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last 4 KiB of standard output. */
  readonly stdout: string;
  /** Last 4 KiB of both outputs, interleaved as they came. */
  readonly output: string;
  readonly reason: string;
  readonly durationMs: number;
  /** Resolves when nothing of the program is left; null when that is already so (S23). */
  readonly lingering: Promise<void> | null;
};

/** Never rejects. Resolves at once when the signal aborts, whether or not the process is gone (S23). */
export type RunCommand = (spec: CommandSpec, options: { readonly signal: AbortSignal }) => Promise<CommandOutcome>;
