// One running instance of a service as the rest of the keeper sees it, whatever holds its processes together.
import type { SpawnAnswer } from '../ports/keeper.ts';

export type Program = {
  readonly argv: readonly string[];
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  /** Both outputs go here. The caller closes it after the call. */
  readonly logFd: number;
};

export type MainExit = { readonly code: number | null; readonly signal: string | null };

export type Instance = {
  /** `failed` only when nothing of it runs or will run. Never rejects. */
  readonly started: Promise<Exclude<SpawnAnswer, { kind: 'refused' }>>;
  /** Of the program itself; null before it was seen and after it ended. */
  readonly mainPid: () => number | null;
  /** null while the program runs. Its descendants may outlive it. */
  readonly mainExit: () => MainExit | null;
  /** Whether a process of the program is there; looks at the whole process table once the program itself has ended. */
  readonly hasProcesses: () => boolean;
  /** SIGTERM to the program, or to what it left behind. */
  readonly terminate: () => void;
  /** SIGKILL to everything. Nothing of it can start after that. Safe to repeat, and repeated until `isGone`. */
  readonly kill: () => void;
  /** Whether nothing is left, after `kill`. */
  readonly isGone: () => boolean;
  /** Small repairs while it runs; called about once a second. */
  readonly tend: () => void;
};

/** A systemd unit, started or only looked at. `onChange` as for a program. */
export type OpenUnit = (unit: string, how: 'start' | 'attach', onChange: () => void) => Instance;

/** Starts a program. `onChange` is called when its main process ends; it never throws. */
export type Launch = (program: Program, onChange: () => void) => Instance;
