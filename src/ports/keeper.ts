// The keeper of a node: a second, small process beside the agent that owns the processes of services, kills them at the deadline
// that it was told last, and outlives the agent (S16). Whatever it owns dies with it.
import type { ServiceId } from '../base/ids.ts';

/** A deadline that never comes: for a service that outlives its lease, which proves nothing then (S37). */
export const NO_DEADLINE_BOOT_MS = Number.MAX_SAFE_INTEGER;

/** `atBootMs`: on the clock of the node that counts suspension (S2). */
export type KeptExit = { readonly code: number | null; readonly signal: string | null; readonly atBootMs: number };

export type KeptService = {
  readonly service: ServiceId;
  /** Under which it was armed last. */
  readonly epoch: number;
  /** Step of the last spawn; 0: never spawned. */
  readonly step: number;
  /** Whether any process of it is still there, descendants included. */
  readonly running: boolean;
  readonly pid: number | null;
  /** When it is killed unless it is armed again before; null: never armed, or disarmed. */
  readonly deadlineBootMs: number | null;
  readonly lastExit: KeptExit | null;
  /** A systemd unit, which lives on when its keeper dies. */
  readonly isUnit?: boolean;
};

export type KeeperHello = {
  readonly pid: number;
  readonly bootId: string;
  /** false: on this machine nothing binds a service to its keeper, so a lease proves nothing (`enforced: none`, S16). */
  readonly binds: boolean;
  readonly watchdog: boolean;
  readonly services: readonly KeptService[];
};

export type SpawnRequest = {
  readonly service: ServiceId;
  readonly epoch: number;
  readonly step: number;
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** The whole environment of the process: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** A systemd unit in place of a program: then `argv`, `cwd` and `env` mean nothing. */
  readonly unit?: string;
};

/**
 * `refused`: a lower epoch or step than known, not armed for this epoch, its deadline has passed, or an instance is there.
 * `failed`: the program could not be started, or ended with an error before it was seen. The same step again answers what it
 * answered; a refusal had no effect and is weighed anew.
 */
export type SpawnAnswer =
  | { readonly kind: 'spawned'; readonly pid: number }
  | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/**
 * `hosted`: a pid namespace for one command beside the service, which is killed with everything in it when the service is over or
 * the connection that asked ends. `namespace` is the path to enter it by.
 */
export type HostAnswer =
  | { readonly kind: 'hosted'; readonly namespace: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Why a systemd unit is none that may be started here, and what to do about it. */
export type UnitFault = { readonly reason: string; readonly remedy: string };

export type UnitAnswer = { readonly kind: 'fit' } | ({ readonly kind: 'unfit' } & UnitFault);

export type StopAnswer =
  /** Nothing of it is left. Also when nothing was there. */
  { readonly kind: 'stopped' } | { readonly kind: 'stillRunning'; readonly reason: string };

/** Calls reject with OneupError ONEUP_AGENT_KEEPER when the keeper does not answer before the signal aborts. Safe to repeat. */
export type Keeper = {
  readonly hello: (options: { readonly signal: AbortSignal }) => Promise<KeeperHello>;
  /** A later deadline for the same epoch, or any for a higher one; `false`: refused. What is past its deadline stays so. */
  readonly arm: (
    request: { readonly service: ServiceId; readonly epoch: number; readonly deadlineBootMs: number },
    options: { readonly signal: AbortSignal },
  ) => Promise<boolean>;
  readonly spawn: (request: SpawnRequest, options: { readonly signal: AbortSignal }) => Promise<SpawnAnswer>;
  /**
   * SIGTERM to the process, SIGKILL to everything that is left after `graceMs`; then nothing is armed any more. A `unit` is
   * stopped also when this keeper did not start it.
   */
  readonly stop: (
    request: { readonly service: ServiceId; readonly graceMs: number; readonly unit?: string },
    options: { readonly signal: AbortSignal },
  ) => Promise<StopAnswer>;
  /** Whether systemd leaves the unit of a service alone, also while it is not started; asked of systemd at each call. */
  readonly judgeUnit: (
    request: { readonly service: ServiceId; readonly unit: string },
    options: { readonly signal: AbortSignal },
  ) => Promise<UnitAnswer>;
  /** Calls back at once when a service ends, until the returned function is called. */
  readonly onExit: (listener: (service: ServiceId, exit: KeptExit) => void) => () => void;
};
