// A systemd unit as an instance: started and stopped through systemd, killed through its control group as well. It does not die
// with the keeper, so a lease on it is enforced by nobody (S16).
import type { Clock } from '../base/clock.ts';
import { findUnitFault } from './find-unit-fault.ts';
import type { Instance, MainExit } from './instance.ts';
import { askSystemctl, foreseeGroup, killGroup, processesIn, showUnit, type UnitState } from './unit-control.ts';

export type UnitOptions = {
  readonly clock: Clock;
  /** Path of systemctl. */
  readonly systemctl: string;
  readonly onChange: () => void;
};

const LOOK_MS = 500;
const LOOK_OFTEN_MS = 50;
/** systemd is asked to kill this often; control groups are looked at every time. */
const KILL_AGAIN_MS = 1_000;
/** The order that waits for the answer has a limit of its own, and a stop ends the wait. */
const START_MAX_MS = 3_600_000;

export class UnitInstance implements Instance {
  readonly started: Instance['started'];
  readonly #unit: string;
  readonly #options: UnitOptions;
  #state: UnitState | null = null;
  /** Where its processes will be, known before systemd is asked to start any: it may say nothing afterwards. */
  #foreseenGroup: string | null = null;
  #looking: Promise<void> = Promise.resolve();
  /** What systemd said last was asked after the kill. */
  #isLookFresh = false;
  #isStarting = true;
  #isUnwanted = false;
  #killedMonoMs: number | null = null;
  #isOver = false;

  /** `attach`: it is there, or not; nothing is started. */
  constructor(unit: string, how: 'start' | 'attach', options: UnitOptions) {
    this.#unit = unit;
    this.#options = options;
    this.started = this.#begin(how).then((answer) => {
      this.#isStarting = false;
      return answer;
    });
  }

  mainPid(): number | null {
    return this.#state?.mainPid ?? null;
  }

  mainExit(): MainExit | null {
    return this.#isStarting || this.#runs() ? null : { code: this.#state?.exitStatus ?? null, signal: null };
  }

  /** What nobody could look at counts as there. */
  hasProcesses(): boolean {
    return this.#isStarting || this.#runs() || this.#members().length > 0;
  }

  terminate(): void {
    this.#isUnwanted = true;
    void this.#ask(['stop', '--no-block', '--', this.#unit]);
  }

  kill(): void {
    this.#isUnwanted = true;
    const now = this.#options.clock.monotonicMs();
    const group = this.#group();
    if (group !== null) killGroup(group);
    if (this.#killedMonoMs !== null && now - this.#killedMonoMs < KILL_AGAIN_MS) return;
    if (this.#killedMonoMs === null) this.#isLookFresh = false;
    this.#killedMonoMs = now;
    void this.#ask(['kill', '--signal=SIGKILL', '--', this.#unit]);
    void this.#ask(['stop', '--no-block', '--', this.#unit]);
  }

  isGone(): boolean {
    const isGone = this.#killedMonoMs !== null && this.#isLookFresh && !this.hasProcesses();
    if (isGone) this.#isOver = true;
    return isGone;
  }

  tend(): void {}

  #runs(): boolean {
    return this.#state === null || !ENDED.has(this.#state.active);
  }

  #members(): readonly number[] {
    const group = this.#group();
    return group === null ? [] : processesIn(group);
  }

  #group(): string | null {
    return this.#state?.controlGroup ?? this.#foreseenGroup;
  }

  async #begin(how: 'start' | 'attach'): Promise<Awaited<Instance['started']>> {
    await this.#look();
    if (how === 'attach') {
      void this.#watch();
      return { kind: 'spawned', pid: this.mainPid() ?? 0 };
    }
    const refusal = await this.#refusal();
    if (refusal !== null) return this.#refuse(refusal);
    // From here on: a start that hangs has processes, and its deadline does not wait for it (S14).
    void this.#watch();
    // A stop that comes meanwhile takes the place of the start, and systemctl says so.
    const done = await askSystemctl(this.#options.systemctl, ['start', '--', this.#unit], { timeoutMs: START_MAX_MS });
    await this.#look();
    if (!done.ok) return this.#fail(done.error);
    return { kind: 'spawned', pid: this.mainPid() ?? 0 };
  }

  async #refusal(): Promise<string | null> {
    const { systemctl } = this.#options;
    if (this.#state === null) return 'systemd does not answer';
    const fault = await findUnitFault({ systemctl, unit: this.#unit, isOurs: false }, this.#state);
    if (fault !== null) return `${fault.reason}; ${fault.remedy}`;
    this.#foreseenGroup = await foreseeGroup(systemctl, this.#unit, this.#state.slice);
    return this.#isUnwanted ? 'it was stopped before it had begun' : null;
  }

  /** Not ours: whatever it does, it is let alone. */
  #refuse(reason: string): Awaited<Instance['started']> {
    this.#state = NEVER_OURS;
    [this.#killedMonoMs, this.#isLookFresh, this.#isOver] = [0, true, true];
    return failed(reason);
  }

  #fail(reason: string): Awaited<Instance['started']> {
    this.kill();
    return failed(reason);
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const ms = this.#killedMonoMs === null ? LOOK_MS : LOOK_OFTEN_MS;
      await this.#options.clock.sleep(ms, { signal: new AbortController().signal });
      await this.#look();
    }
  }

  /** One after the other: an answer that comes late must not replace a newer one. */
  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookNow());
    return this.#looking;
  }

  async #lookNow(): Promise<void> {
    const isAfterKill = this.#killedMonoMs !== null;
    const shown = await showUnit(this.#options.systemctl, this.#unit);
    if (!shown.ok || this.#isOver) return;
    const group = shown.value.controlGroup ?? this.#state?.controlGroup ?? null;
    this.#state = { ...shown.value, controlGroup: group };
    if (isAfterKill) this.#isLookFresh = true;
    if (!this.hasProcesses()) this.#options.onChange();
  }

  async #ask(args: readonly string[]): Promise<void> {
    await askSystemctl(this.#options.systemctl, args);
  }
}

const ENDED: ReadonlySet<string> = new Set(['inactive', 'failed']);
const NEVER_OURS: UnitState = {
  ...{
    ...{ load: '', active: 'inactive', file: '', restart: '', restartForced: '', startedBy: [], triggeredBy: [] },
    slice: '',
    mainPid: null,
    controlGroup: null,
    exitStatus: null,
  },
};

function failed(reason: string): Awaited<Instance['started']> {
  return { kind: 'failed', reason: `Cannot start the unit: ${reason}` };
}
