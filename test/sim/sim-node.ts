// A simulated node: one instance of a service that holds an exclusive resource while it lives, the guard of its steps (S12),
// and what can be wrong with it. Scripts are in sim-script.ts.
import { comparePositions, type StepPosition } from '../../src/nodes/step-position.ts';
import type { ActionContext, ActionResult, NodeRole, SteppedAction } from '../../src/ports/node-driver.ts';
import type { Sender } from './check-effects.ts';
import type { History } from './history.ts';
import type { SimClock } from './sim-clock.ts';

/** What can be wrong with a node for a while; a hung instance holds its resource and answers nobody. */
export type SimKnobs = {
  isUnreachable: boolean;
  isHung: boolean;
  failsToStop: boolean;
  stopHangs: boolean;
  failsToStart: boolean;
  startHangs: boolean;
  startIsLate: boolean;
  startDaemonises: boolean;
  failsPrecheck: boolean;
  failsToSync: boolean;
  failsToFence: boolean;
  fenceIsSlow: boolean;
  fenceIsSilent: boolean;
};

const NO_KNOBS: SimKnobs = {
  isUnreachable: false,
  isHung: false,
  failsToStop: false,
  stopHangs: false,
  failsToStart: false,
  startHangs: false,
  startIsLate: false,
  startDaemonises: false,
  failsPrecheck: false,
  failsToSync: false,
  failsToFence: false,
  fenceIsSlow: false,
  fenceIsSilent: false,
};

export type NodeAction = SteppedAction | 'fence' | 'adopt';

/** A request as it reaches the machine on which the script runs. */
export type StepRequest = {
  readonly action: NodeAction;
  readonly context: ActionContext;
  readonly timeoutMs: number;
  /** Level of a fence ladder; 0 for everything else. */
  readonly part: number;
  readonly sender: Sender;
  /** Delivered a second time by the network, perhaps long after its sender has resigned. */
  readonly isCopy?: boolean;
  /** Clock of the runner that runs the script, and until when on it the script may run. */
  readonly runner: SimClock;
  readonly untilBootMs: () => number;
};

/** An agent on the node, which starts and stops the service instead of a script (S14). */
export type NodeAgent = {
  readonly isUp: boolean;
  /** It may still start something. */
  readonly isBusy: boolean;
  /** Its instance is gone. */
  readonly ended: () => void;
  readonly cutOff: () => void;
  readonly crash: () => void;
  readonly pause: () => void;
  readonly resume: () => void;
};

export type GuardState = { readonly position: StepPosition; readonly action: NodeAction; result: ActionResult | null };

export class SimNode {
  readonly id: string;
  readonly knobs: SimKnobs = { ...NO_KNOBS };
  /** A device or a stop script that says what is not so; the same for the whole run. */
  lies: 'fence' | 'stop' | null = null;
  isAlive = false;
  isPowered = true;
  isSuspended = false;
  epoch = 0;
  guard: GuardState | null = null;
  agent: NodeAgent | null = null;
  readonly #history: History;

  constructor(id: string, history: History) {
    this.id = id;
    this.#history = history;
  }

  /** What a prober meets that comes to the node's address. */
  get face(): 'silent' | 'hung' | 'refuses' | 'answers' {
    if (!this.isPowered || this.isSuspended || this.knobs.isUnreachable) return 'silent';
    if (!this.isAlive) return 'refuses';
    return this.knobs.isHung ? 'hung' : 'answers';
  }

  get isReachable(): boolean {
    return this.isPowered && this.canWork && !this.knobs.isUnreachable;
  }

  /** Whether what runs here can take a step. */
  get canWork(): boolean {
    return !this.isSuspended && this.agent?.isUp !== false;
  }

  get role(): NodeRole {
    if (this.isAlive) return 'active';
    if (this.agent?.isBusy === true) return 'starting';
    return this.guard?.action === 'start' && this.guard.result === null ? 'starting' : 'stopped';
  }

  take(epoch: number): void {
    if (this.isAlive) return;
    this.isAlive = true;
    this.knobs.isHung = false;
    this.epoch = epoch;
    this.#history.took(this.id, epoch);
  }

  /** The instance is gone: by itself, by a script, or with the power. */
  release(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#history.released(this.id);
    this.agent?.ended();
  }

  switchOff(): void {
    this.isPowered = false;
    this.release();
    this.agent?.cutOff();
  }

  /** Everything is well again; a node that was switched off comes back without its service. */
  heal(): void {
    Object.assign(this.knobs, NO_KNOBS);
    this.isPowered = true;
    this.isSuspended = false;
    this.agent?.resume();
  }

  /** S12: refuse lower, answer equal with what is recorded, take the place of everything below. */
  claim({ action, context, part }: StepRequest): 'claimed' | 'refused' | 'inFlight' | ActionResult {
    const { generation, epoch, step } = context;
    const position = { generation, epoch, step, part };
    const seen = this.guard;
    const order = seen === null ? 1 : comparePositions(position, seen.position);
    if (seen !== null && (order < 0 || (order === 0 && seen.action !== action))) return 'refused';
    // A fence level is fired again: its query tells what became of the first time.
    if (seen !== null && order === 0 && action !== 'fence') return seen.result ?? 'inFlight';
    this.guard = { position, action, result: null };
    return 'claimed';
  }
}
