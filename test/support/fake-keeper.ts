// A keeper in memory that keeps the contract of the port and answers late or never when a test says so.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { Keeper, KeptExit, KeptService, UnitAnswer } from '../../src/ports/keeper.ts';

export class FakeKeeper implements Keeper {
  readonly #clock: Clock;
  readonly #services = new Map<string, KeptService>();
  readonly #listeners = new Set<(service: string, exit: KeptExit) => void>();
  readonly #timers = new Map<string, Timer>();
  /** What it was asked, as `arm 4`, `spawn 4/10`, `stop`; and what it did by itself, as `kill`. */
  readonly acts: string[] = [];
  binds = true;
  bootId = 'boot1';
  pid = 1;
  /** Never answers. */
  isSilent = false;
  /** Calls that never answer, such as `hello`. */
  readonly silentTo = new Set<'hello' | 'arm' | 'spawn' | 'stop' | 'unit'>();
  stopMs = 100;
  /** Ends are told to nobody. */
  isMute = false;
  /** What cannot be killed. */
  isStuck = false;
  /** What systemd says of every unit. */
  unit: UnitAnswer = { kind: 'fit' };
  /** Done when a hello was made up and before it is given. */
  onHello: () => void = () => undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(service = 'web'): KeptService | null {
    return this.#services.get(service) ?? null;
  }

  hello: Keeper['hello'] = async ({ signal }) => {
    await this.#answer('hello', signal);
    const services = [...this.#services.values()];
    this.onHello();
    return { pid: this.pid, bootId: this.bootId, binds: this.binds, watchdog: false, services };
  };

  arm: Keeper['arm'] = async ({ service, epoch, deadlineBootMs }, { signal }) => {
    await this.#answer('arm', signal);
    const known = this.of(service) ?? NEVER_SEEN;
    const isEarlier = epoch === known.epoch && deadlineBootMs < (known.deadlineBootMs ?? 0);
    if (epoch < known.epoch || isEarlier || deadlineBootMs <= this.#clock.bootMs()) return false;
    this.acts.push(`arm ${epoch}`);
    this.#services.set(service, { ...known, service, epoch, deadlineBootMs });
    this.#timers.get(service)?.stop();
    const dueMs = deadlineBootMs - this.#clock.bootMs();
    if (deadlineBootMs !== Number.MAX_SAFE_INTEGER)
      this.#timers.set(
        service,
        this.#clock.timer(dueMs, () => this.#kill(service)),
      );
    return true;
  };

  spawn: Keeper['spawn'] = async ({ service, epoch, step, unit }, { signal }) => {
    await this.#answer('spawn', signal);
    const known = this.of(service) ?? NEVER_SEEN;
    const isArmed = known.epoch === epoch && (known.deadlineBootMs ?? 0) > this.#clock.bootMs();
    if (!isArmed || known.running) return { kind: 'refused', reason: known.running ? 'it is there' : 'not armed' };
    this.acts.push(`spawn ${epoch}/${step}${unit === undefined ? '' : ` ${unit}`}`);
    this.#services.set(service, { ...known, step, running: true, pid: step, isUnit: unit !== undefined });
    return { kind: 'spawned', pid: step };
  };

  stop: Keeper['stop'] = async ({ service, unit }, { signal }) => {
    this.acts.push(unit === undefined ? 'stop' : `stop ${unit}`);
    await this.#answer('stop', signal);
    await this.#clock.sleep(this.stopMs, { signal });
    const known = this.of(service);
    if (known?.running && this.isStuck) return { kind: 'stillRunning', reason: 'it hangs in the kernel' };
    this.#timers.get(service)?.stop();
    if (known !== null) this.#services.set(service, { ...known, deadlineBootMs: null });
    if (known?.running) this.end(service, 'SIGTERM');
    return { kind: 'stopped' };
  };

  judgeUnit: Keeper['judgeUnit'] = async (_, { signal }) => {
    await this.#answer('unit', signal);
    return this.unit;
  };

  onExit: Keeper['onExit'] = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The service ends, and whoever listens is told. */
  end(service = 'web', signal = 'SIGKILL'): void {
    const known = this.of(service);
    if (known === null || !known.running) return;
    const lastExit = { code: null, signal, atBootMs: this.#clock.bootMs() };
    this.#services.set(service, { ...known, running: false, pid: null, lastExit });
    if (!this.isMute) for (const listener of [...this.#listeners]) listener(service, lastExit);
  }

  /** Another keeper takes the place of the one that has died, and knows nothing. */
  replace(): void {
    this.pid += 1;
    for (const timer of this.#timers.values()) timer.stop();
    if (this.binds) for (const [service, { isUnit }] of this.#services) if (isUnit !== true) this.end(service);
    this.#services.clear();
  }

  #kill(service: string): void {
    if (this.of(service)?.running !== true) return;
    this.acts.push('kill');
    this.end(service);
  }

  async #answer(what: 'hello' | 'arm' | 'spawn' | 'stop' | 'unit', signal: AbortSignal): Promise<void> {
    if (this.isSilent || this.silentTo.has(what)) await this.#clock.sleep(Number.MAX_SAFE_INTEGER, { signal });
    signal.throwIfAborted();
  }
}

const NEVER_SEEN: KeptService = {
  ...{ service: '', epoch: 0, step: 0, running: false, pid: null, deadlineBootMs: null, lastExit: null },
};
