// A simulated node: one instance of a service that holds an exclusive resource while it lives, a guard that obeys the rules of
// steps (S12), and scripts that take time and can be cut off by the runner that started them.
import type { ActionContext, ActionResult, SteppedAction } from '../../src/ports/node-driver.ts';
import type { History } from './history.ts';
import type { SimClock, VirtualTime } from './virtual-time.ts';

/** What can be wrong with a node for a while; a hung instance holds its resource and answers nobody. */
export type SimKnobs = {
  isUnreachable: boolean;
  isHung: boolean;
  failsToStop: boolean;
  failsToStart: boolean;
  startHangs: boolean;
  failsToFence: boolean;
};

/** Until when the runner that runs a script lets it live; earlier than now when its controller is gone. */
export type RunnerDeadline = () => number;

type Script = { readonly position: number; readonly end: (result: ActionResult) => void; isOver: boolean };
type Begin = {
  readonly action: SteppedAction | 'fence' | 'adopt';
  readonly context: ActionContext;
  readonly timeoutMs: number;
  readonly deadline: RunnerDeadline;
};

const WATCH_MS = 50;
const EFFECT_AFTER_MS = 150;
const END_AFTER_MS = 300;

export class SimNode {
  readonly id: string;
  readonly knobs: SimKnobs = {
    isUnreachable: false,
    isHung: false,
    failsToStop: false,
    failsToStart: false,
    startHangs: false,
    failsToFence: false,
  };
  /** A device that says off although it did nothing; the same for the whole run. */
  fenceLies = false;
  /** Test of the checkers only: a guard that forgets steps. */
  ignoresSteps = false;
  isAlive = false;
  isPowered = true;
  epoch = 0;
  #highest = 0;
  readonly #time: VirtualTime;
  readonly #clock: SimClock;
  readonly #history: History;
  readonly #recorded = new Map<number, ActionResult>();
  #script: Script | null = null;
  readonly #waiting = new Map<number, ((result: ActionResult) => void)[]>();

  constructor(id: string, time: VirtualTime, history: History) {
    this.id = id;
    this.#time = time;
    this.#clock = time.clock();
    this.#history = history;
  }

  get answers(): boolean {
    return this.isAlive && this.isPowered && !this.knobs.isHung && !this.knobs.isUnreachable;
  }

  get highestStep(): number {
    return this.#highest;
  }

  get isBusy(): boolean {
    return this.#script !== null && !this.#script.isOver;
  }

  /** The process ends by itself. */
  crash(): void {
    if (!this.isAlive) return;
    this.isAlive = false;
    this.#history.released(this.id);
  }

  /** Everything is well again; a node that was switched off comes back without its service. */
  heal(): void {
    for (const knob of Object.keys(this.knobs) as (keyof SimKnobs)[]) this.knobs[knob] = false;
    this.isPowered = true;
  }

  run(begin: Begin): Promise<ActionResult> {
    return new Promise((resolve) => this.#begin(begin, resolve));
  }

  #begin(begin: Begin, resolve: (result: ActionResult) => void): void {
    const { action, context, timeoutMs, deadline } = begin;
    const { step } = context;
    if (action !== 'fence' && (this.knobs.isUnreachable || !this.isPowered)) {
      this.#clock.timer(Math.min(timeoutMs, 1_000), () => resolve(result('timeout', 'no contact')));
      return;
    }
    if (deadline() <= this.#time.nowMs) return resolve(result('killed', 'the right to act has ended'));
    if (!this.ignoresSteps) {
      if (step < this.#highest) return resolve(result('refused', `step ${this.#highest} was seen, this is ${step}`));
      const recorded = this.#recorded.get(step);
      if (recorded !== undefined && action !== 'fence') return resolve({ ...recorded, repeated: true });
      if (this.#script?.position === step && !this.#script.isOver) {
        this.#waiting.set(step, [...(this.#waiting.get(step) ?? []), resolve]);
        return;
      }
    }
    this.#highest = Math.max(this.#highest, step);
    this.#cutOff('a higher step has come');
    this.#history.began(this.id, action, context);
    this.#spawn(begin, resolve);
  }

  #spawn({ action, context, timeoutMs, deadline }: Begin, resolve: (result: ActionResult) => void): void {
    const { step } = context;
    const script: Script = {
      position: step,
      isOver: false,
      end: (ended) => {
        if (script.isOver) return;
        script.isOver = true;
        if (action !== 'fence') this.#recorded.set(step, ended);
        this.#history.ended(this.id, action, ended.kind);
        resolve(ended);
        for (const other of this.#waiting.get(step) ?? []) other(ended);
        this.#waiting.delete(step);
      },
    };
    this.#script = script;
    // A script is as good as the node was when it did its work.
    let outcome = result('failed', 'it never came to its work');
    this.#clock.timer(EFFECT_AFTER_MS, () => {
      if (script.isOver || deadline() <= this.#time.nowMs) return;
      outcome = this.#judge(action);
      this.#takeEffect(action, context);
    });
    const hangs = action === 'start' && this.knobs.startHangs;
    this.#clock.timer(hangs ? timeoutMs : END_AFTER_MS, () => {
      script.end(hangs ? result('timeout', 'killed at its deadline') : outcome);
    });
    this.#watch(script, deadline);
  }

  /** The runner ends the script when its controller has no right to act any more. */
  #watch(script: Script, deadline: RunnerDeadline): void {
    if (script.isOver) return;
    if (deadline() <= this.#time.nowMs) return script.end(result('killed', 'the right to act has ended'));
    this.#clock.timer(WATCH_MS, () => this.#watch(script, deadline));
  }

  #cutOff(why: string): void {
    if (this.#script !== null && !this.#script.isOver) this.#script.end(result('killed', why));
  }

  #takeEffect(action: Begin['action'], context: ActionContext): void {
    switch (action) {
      case 'start':
        if (this.knobs.failsToStart || this.isAlive) return;
        this.isAlive = true;
        this.knobs.isHung = false;
        this.epoch = context.epoch;
        this.#history.took(this.id, context.epoch);
        return;
      case 'stop':
        if (!this.knobs.failsToStop) this.crash();
        return;
      case 'fence':
        if (this.knobs.failsToFence || this.fenceLies) return;
        this.crash();
        this.isPowered = false;
        return;
      case 'adopt':
        if (this.isAlive) this.epoch = context.epoch;
        return;
      case 'sync':
      case 'resync':
        return;
    }
  }

  #judge(action: Begin['action']): ActionResult {
    const { knobs } = this;
    const failed = {
      start: knobs.failsToStart,
      stop: knobs.failsToStop,
      fence: knobs.failsToFence && !this.fenceLies,
      adopt: !this.isAlive,
      sync: false,
      resync: false,
    }[action];
    return failed ? result('failed', 'exit code 1') : result('done', 'exit code 0');
  }
}

function result(kind: ActionResult['kind'], reason: string): ActionResult {
  const evidence = { exitCode: null, signal: null, output: '', durationMs: 0 };
  return { kind, reason, evidence, repeated: false };
}
