// What an agent and its keeper say to each other over the keeper's socket: one JSON object a line. A keeper outlives the agent
// that started it, so the two may be of different versions: hello carries the number of this protocol.
import type { ServiceId } from '../base/ids.ts';
import type {
  HostAnswer,
  KeeperHello,
  KeptExit,
  SpawnAnswer,
  SpawnRequest,
  StopAnswer,
  UnitAnswer,
} from '../ports/keeper.ts';

/** Raised with every change that the other end could misunderstand. */
export const PROTOCOL = 1;

/** A command line with its environment fits; whatever is longer is a fault of the other end. */
export const LINE_MAX_BYTES = 64 * 1_024;

export type ArmRequest = { readonly service: ServiceId; readonly epoch: number; readonly deadlineBootMs: number };
/** Asked by run-if-active, once for each connection; the connection is what keeps it. */
export type HostRequest = { readonly service: ServiceId; readonly epoch: number };
export type StopRequest = { readonly service: ServiceId; readonly graceMs: number; readonly unit?: string };

export type UnitRequest = { readonly service: ServiceId; readonly unit: string };

export type KeeperRequest =
  | { readonly kind: 'hello' }
  | ({ readonly kind: 'arm' } & ArmRequest)
  | ({ readonly kind: 'spawn' } & SpawnRequest)
  | ({ readonly kind: 'host' } & HostRequest)
  | ({ readonly kind: 'stop' } & StopRequest)
  | ({ readonly kind: 'unit' } & UnitRequest);

export type ToKeeper = KeeperRequest & { readonly id: number };

export type WireHello = KeeperHello & { readonly protocol: number };

export type KeeperAnswer = WireHello | boolean | SpawnAnswer | HostAnswer | StopAnswer | UnitAnswer;

export type FromKeeper =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: KeeperAnswer }
  /** The request was no request, or was not taken; `id` is null where not even that could be read. */
  | { readonly kind: 'error'; readonly id: number | null; readonly reason: string }
  | { readonly kind: 'exit'; readonly service: ServiceId; readonly exit: KeptExit };

export function encodeLine(message: ToKeeper | FromKeeper): string {
  return `${JSON.stringify(message)}\n`;
}

/**
 * Where the keeper listens, what it locks, and what it writes, in its state directory. Names of services have no dot, so the
 * log of a service called keeper is another file.
 */
export function keeperPaths(stateDir: string): {
  readonly socket: string;
  readonly lock: string;
  readonly log: string;
} {
  return { socket: `${stateDir}/keeper.sock`, lock: `${stateDir}/keeper.lock`, log: `${stateDir}/oneup.keeper.log` };
}
