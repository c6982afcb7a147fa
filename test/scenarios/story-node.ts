// A node of a story: one dummy service with knobs, behind a guard that keeps the highest step and answers an equal one with
// the recorded result (S12). It is deterministic and takes no time of its own.
import type { Intent } from '../../src/failover/intent.ts';
import type { IntentOutcome } from '../../src/failover/machine-event.ts';

/**
 * What can be wrong with a node; `lyingFence` and `lyingStop` say done and do nothing, `mute` answers no prober, a `sick` one fails its
 * standby check, `saysActive` and
 * `saysNothing` are about its status action.
 */
export type Knob =
  | 'unreachable'
  | 'failToStart'
  | 'slowToStart'
  | 'failToStop'
  | 'lyingStop'
  | 'failToFence'
  | 'failFirstLevel'
  | 'lyingFence'
  | 'notReady'
  | 'failToDrain'
  | 'failToResync'
  | 'mute'
  | 'sick'
  | 'saysActive'
  | 'saysNothing';

export type StoryCounts = { starts: number; stops: number; fences: number };

export class StoryNode {
  readonly id: string;
  readonly knobs = new Set<Knob>();
  readonly counts: StoryCounts = { starts: 0, stops: 0, fences: 0 };
  isRunning = false;
  isPowered = true;
  epoch = 0;
  /** What its precheck prints as its lag. */
  lag: number | null = null;
  /** What keeps its precheck from saying ready, in the words of the check; null when nothing does. */
  precheckFault: string | null = null;
  #step = 0;
  readonly #recorded = new Map<number, IntentOutcome>();

  constructor(id: string) {
    this.id = id;
  }

  /** What every prober sees. */
  get look(): 'up' | 'down' | 'gone' {
    if (!this.isPowered || this.knobs.has('unreachable')) return 'gone';
    return this.isRunning && !this.knobs.has('mute') ? 'up' : 'down';
  }

  precheck(): { readonly ok: boolean; readonly reason: string } {
    if (this.look === 'gone') return { ok: false, reason: 'no contact' };
    const fault = this.precheckFault ?? (this.knobs.has('notReady') ? 'not ready' : null);
    return { ok: fault === null, reason: fault ?? 'ready' };
  }

  /** What its status action says; null when that fails. */
  status(): 'active' | 'stopped' | null {
    if (this.look === 'gone' || this.knobs.has('saysNothing')) return null;
    return this.isRunning || this.knobs.has('saysActive') ? 'active' : 'stopped';
  }

  act(intent: Intent): IntentOutcome {
    if (intent.kind !== 'fence' && this.knobs.has('unreachable')) return outcome('timeout', 'no contact');
    if (intent.step < this.#step) return outcome('refused', `step ${this.#step} was seen`);
    const recorded = this.#recorded.get(intent.step);
    if (recorded !== undefined) return { ...recorded, reason: `${recorded.reason}, recorded` };
    this.#step = intent.step;
    const result = this.#do(intent);
    // A fence is asked again by its confirm query, whatever was recorded.
    if (intent.kind !== 'fence') this.#recorded.set(intent.step, result);
    return result;
  }

  /** The script was cut off with its controller: recorded as killed, without effect. */
  cutOff(intent: Intent): void {
    if (intent.kind === 'fence' || intent.step < this.#step || this.#recorded.has(intent.step)) return;
    this.#step = intent.step;
    this.#recorded.set(intent.step, outcome('killed', 'the controller is gone'));
  }

  #do(intent: Intent): IntentOutcome {
    switch (intent.kind) {
      case 'start':
        return this.#start(intent.epoch);
      case 'stop':
        this.counts.stops += 1;
        if (this.knobs.has('failToStop')) return outcome('failed', 'exit code 1');
        if (!this.knobs.has('lyingStop')) this.isRunning = false;
        return outcome('done', 'exit code 0');
      case 'fence':
        return this.#fence(intent.level);
      case 'adopt':
        if (!this.isRunning) return outcome('failed', 'no instance runs');
        this.epoch = intent.epoch;
        return outcome('done', 'recorded as active');
      case 'drain':
        return this.knobs.has('failToDrain') ? outcome('failed', 'exit code 1') : outcome('done', 'exit code 0');
      case 'resync':
        return this.knobs.has('failToResync') ? outcome('failed', 'exit code 1') : outcome('done', 'exit code 0');
      case 'undrain':
      case 'sync':
        return outcome('done', 'exit code 0');
    }
  }

  #start(epoch: number): IntentOutcome {
    this.counts.starts += 1;
    if (this.knobs.has('failToStart')) return outcome('failed', 'exit code 1');
    this.isRunning = true;
    this.epoch = epoch;
    return this.knobs.has('slowToStart') ? outcome('timeout', 'still busy') : outcome('done', 'exit code 0');
  }

  #fence(level: number): IntentOutcome {
    this.counts.fences += 1;
    if (this.knobs.has('failToFence')) return outcome('notOff', 'state running');
    if (this.knobs.has('failFirstLevel') && level === 0) return outcome('notOff', 'state running');
    if (this.knobs.has('lyingFence')) return outcome('done', 'state off');
    this.isRunning = false;
    this.isPowered = false;
    return outcome('done', 'state off');
  }
}

function outcome(kind: IntentOutcome['kind'], reason: string): IntentOutcome {
  return { kind, reason, evidence: {} };
}
