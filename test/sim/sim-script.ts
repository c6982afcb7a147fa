// Scripts on a simulated node: they take time, do their work at one moment of it, and are ended by the runner at their
// deadline, when the right to act ends, or when a higher step comes (S12).
import type { ActionResult } from '../../src/ports/node-driver.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { NodeAction, SimNode, StepRequest } from './sim-node.ts';

type Script = { readonly request: StepRequest; readonly end: (result: ActionResult) => void };
type Times = { readonly effectMs: number; readonly endMs: number };

const WATCH_MS = 50;
/** Some scripts take long and end well. */
const SLOW_SHARE = 0.12;
/** How long after its start what a script left behind comes to its work. */
const DAEMON_LATE_MS = { min: 300, max: 2_500 } as const;

export class SimScripts {
  readonly #node: SimNode;
  readonly #draw: Draw;
  readonly #history: History;
  #running: Script | null = null;
  readonly #waiting: { readonly step: number; readonly tell: (result: ActionResult) => void }[] = [];
  /** What a script left behind that has not done its work yet. */
  #daemon: { isGone: boolean } | null = null;

  constructor(node: SimNode, draw: Draw, history: History) {
    this.#node = node;
    this.#draw = draw;
    this.#history = history;
  }

  get isBusy(): boolean {
    const leavesWork = this.#daemon !== null && !this.#daemon.isGone;
    return this.#running !== null || leavesWork || this.#node.agent?.isBusy === true;
  }

  /** Answers when the script has ended; at once for what the guard refuses or knows already. */
  run(request: StepRequest, tell: (result: ActionResult) => void): void {
    const { action, context } = request;
    if (request.runner.bootMs() >= request.untilBootMs()) return tell(result('killed', 'the right to act has ended'));
    // A copy on the network asks nothing new; what counts is whether it has an effect.
    if (request.isCopy !== true) this.#history.asked(this.#node.id, action, request.sender);
    const claim = this.#node.claim(request);
    if (claim === 'refused') return tell(result('refused', 'the guard has seen a higher step'));
    if (claim === 'inFlight') return void this.#waiting.push({ step: context.step, tell });
    if (claim !== 'claimed') return tell({ ...claim, repeated: true });
    this.#running?.end(result('killed', 'a higher step has come'));
    if (this.#daemon !== null) this.#daemon.isGone = true;
    this.#history.began(this.#node.id, action, request);
    this.#spawn(request, tell);
  }

  /** The power is gone, and with it everything that runs. */
  cutOff(): void {
    this.#running?.end(result('failed', 'the machine is off'));
    if (this.#daemon !== null) this.#daemon.isGone = true;
  }

  #spawn(request: StepRequest, tell: (result: ActionResult) => void): void {
    const { action, context, timeoutMs, runner } = request;
    const script: Script = { request, end: (ended) => this.#end(script, ended, tell) };
    this.#running = script;
    const { effectMs, endMs } = this.#times(action, timeoutMs);
    // A script is as good as the node was when it did its work.
    let outcome = result('failed', 'it never came to its work');
    runner.timer(effectMs, () => {
      if (this.#running !== script || runner.bootMs() >= request.untilBootMs()) return;
      if (action !== 'fence' && !this.#node.canWork) return;
      outcome = this.#judge(action);
      if (action === 'start' && this.#node.knobs.startDaemonises) this.#leaveDaemon(request);
      else this.#takeEffect(action, context.epoch);
    });
    if (endMs < timeoutMs) runner.timer(endMs, () => script.end(outcome));
    runner.timer(timeoutMs, () => script.end(result('timeout', 'killed at its deadline')));
    this.#watch(script);
  }

  #end(script: Script, ended: ActionResult, tell: (result: ActionResult) => void): void {
    if (this.#running !== script) return;
    this.#running = null;
    const { action, context } = script.request;
    const { guard } = this.#node;
    if (guard !== null && guard.position.step === context.step) guard.result = ended;
    this.#history.ended(this.#node.id, action, ended.kind, context.step);
    tell(ended);
    const waiting = this.#waiting.splice(0);
    for (const other of waiting) {
      if (other.step === context.step) other.tell({ ...ended, repeated: true });
      else this.#waiting.push(other);
    }
  }

  /** The runner ends the script when its controller has no right to act any more. */
  #watch(script: Script): void {
    const { runner, untilBootMs } = script.request;
    runner.timer(WATCH_MS, () => {
      if (this.#running !== script) return;
      if (runner.bootMs() >= untilBootMs()) script.end(result('killed', 'the right to act has ended'));
      else this.#watch(script);
    });
  }

  #times(action: NodeAction, timeoutMs: number): Times {
    const { knobs } = this.#node;
    const quick = { effectMs: this.#draw.between(20, 150), endMs: this.#draw.between(160, 300) };
    if (action === 'start' && knobs.startHangs) return { ...quick, endMs: timeoutMs };
    if (action === 'start' && knobs.startIsLate) return { effectMs: timeoutMs - 200, endMs: timeoutMs - 100 };
    if (action === 'stop' && knobs.stopHangs) return { effectMs: timeoutMs, endMs: timeoutMs };
    if (action === 'fence' && knobs.fenceIsSlow) return { effectMs: timeoutMs - 300, endMs: timeoutMs - 150 };
    const draw = this.#draw;
    if (action === 'fence' || !draw.chance(SLOW_SHARE)) return quick;
    const endMs = draw.between(timeoutMs / 2, timeoutMs - 100);
    return { effectMs: draw.between(20, endMs - 20), endMs };
  }

  /** It exits before its work is done; what it left belongs to its process group and ends with that (S12). */
  #leaveDaemon({ context, runner }: StepRequest): void {
    const daemon = { isGone: false };
    this.#daemon = daemon;
    runner.timer(this.#draw.between(DAEMON_LATE_MS.min, DAEMON_LATE_MS.max), () => {
      if (daemon.isGone || !this.#node.isPowered) return;
      this.#history.note(() => `DAEMON of ${this.#node.id} comes to its work`);
      daemon.isGone = true;
      this.#takeEffect('start', context.epoch);
    });
  }

  #takeEffect(action: NodeAction, epoch: number): void {
    const node = this.#node;
    switch (action) {
      case 'start':
        if (node.knobs.failsToStart || !node.isPowered) return;
        node.take(epoch);
        return;
      case 'stop':
        if (node.knobs.failsToStop || node.lies === 'stop') return;
        node.release();
        return;
      case 'fence':
        if (!node.knobs.failsToFence && node.lies !== 'fence') node.switchOff();
        return;
      case 'adopt':
        if (node.isAlive) node.epoch = epoch;
        return;
      default:
        return;
    }
  }

  #judge(action: NodeAction): ActionResult {
    const { isPowered } = this.#node;
    const isGone = action !== 'fence' && !isPowered;
    return isGone || this.#fails(action) ? result('failed', 'exit code 1') : result('done', 'exit code 0');
  }

  #fails(action: NodeAction): boolean {
    const { knobs, isAlive } = this.#node;
    switch (action) {
      case 'start':
        return knobs.failsToStart;
      case 'stop':
        return knobs.failsToStop;
      case 'fence':
        return knobs.failsToFence;
      case 'adopt':
        return !isAlive;
      default:
        return knobs.failsToSync;
    }
  }
}

export function result(kind: ActionResult['kind'], reason: string): ActionResult {
  const evidence = { exitCode: null, signal: null, output: '', durationMs: 0 };
  return { kind, reason, evidence, repeated: false };
}
