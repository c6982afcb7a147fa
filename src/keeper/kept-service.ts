// One service of the keeper: until when it may run, what was asked for last, and its instance. It decides; whoever calls `look`
// often enough makes it happen. Everything is derived from the state at each look, never from the event that led to it.
import type { FileHandle } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';
import type { HostAnswer, KeptExit, KeptService, SpawnAnswer, SpawnRequest, StopAnswer } from '../ports/keeper.ts';
import type { Instance, Launch, OpenUnit } from './instance.ts';
import type { KeeperLog } from './keeper-log.ts';
import type { ArmRequest } from './keeper-protocol.ts';
import { KeptRooms, type OpenRoom } from './kept-room.ts';
import { whyNotHosted } from './why-not-hosted.ts';
import { whyNotSpawned } from './why-not-spawned.ts';

export type KeptServiceOptions = {
  readonly clock: Clock;
  readonly launch: Launch;
  /** `attach`: to one that may run, and starts nothing. */
  readonly openUnit: OpenUnit;
  readonly openRoom: OpenRoom;
  readonly openLog: (service: string) => Promise<FileHandle>;
  readonly log: KeeperLog;
  readonly onExit: (exit: KeptExit) => void;
  /** Something has changed: look soon. */
  readonly wake: () => void;
};

/** What is not gone this long after SIGKILL hangs in the kernel, and waiting for it longer would not end it. */
const KILL_MAX_MS = 10_000;
const KILL_AGAIN_MS = 10;
/** No timer counts suspension: the clock that does is compared at least this often (S2). */
const WATCH_MS = 200;
/** A look at the whole process table. */
const ORPHANS_MS = 500;
const NEVER = Number.POSITIVE_INFINITY;

export class ServiceKeeper {
  readonly #service: string;
  readonly #options: KeptServiceOptions;
  #epoch = 0;
  #deadlineBootMs: number | null = null;
  /** The epoch that was over when its deadline was taken away: it is not armed again (S16). */
  #overEpoch = -1;
  #step = 0;
  #spawned: { readonly epoch: number; readonly answer: Promise<SpawnAnswer> } | null = null;
  /** Raised by whatever makes a spawn that has not begun pointless. */
  #attempt = 0;
  #isStarting = false;
  #instance: Instance | null = null;
  #killAtBootMs = NEVER;
  /** The deadline that the instance has missed; a higher epoch brings another deadline, but not for what was due before. */
  #dueBootMs: number | null = null;
  #killedFor: 'deadline' | 'stop' | 'nothing is left' | null = null;
  #lastExit: KeptExit | null = null;
  #isUnit = false;
  readonly #waiting = new Set<() => void>();
  readonly #rooms: KeptRooms;

  constructor(service: string, options: KeptServiceOptions) {
    this.#service = service;
    this.#options = options;
    this.#rooms = new KeptRooms(options.openRoom, options.wake);
  }

  view(): KeptService {
    return {
      service: this.#service,
      epoch: this.#epoch,
      step: this.#step,
      running: this.#instance !== null,
      pid: this.#instance?.mainPid() ?? null,
      deadlineBootMs: this.#deadlineBootMs,
      lastExit: this.#lastExit,
      ...(this.#isUnit ? { isUnit: true } : {}),
    };
  }

  arm({ epoch, deadlineBootMs }: ArmRequest): boolean {
    this.look();
    if (epoch < this.#epoch || deadlineBootMs <= this.#now()) return false;
    // Prolonging what is over would let a service run that somebody else may have replaced (S14, S16).
    if (epoch === this.#epoch && (this.#isOver() || deadlineBootMs < (this.#deadlineBootMs ?? 0))) return false;
    this.#epoch = epoch;
    this.#deadlineBootMs = deadlineBootMs;
    this.#options.wake();
    return true;
  }

  spawn(request: SpawnRequest): Promise<SpawnAnswer> {
    this.look();
    if (request.step === this.#step && request.epoch === this.#spawned?.epoch) return this.#spawned.answer;
    const reason = whyNotSpawned(request, {
      epoch: this.#epoch,
      step: this.#step,
      spawnedEpoch: this.#spawned?.epoch ?? null,
      deadlineBootMs: this.#deadlineBootMs,
      isOver: this.#isOver(),
      isThere: this.#instance !== null || this.#isStarting,
    });
    if (reason !== null) return Promise.resolve({ kind: 'refused', reason });
    this.#step = request.step;
    this.#isUnit = request.unit !== undefined;
    this.#isStarting = true;
    const answer = this.#start(request).finally(() => {
      this.#isStarting = false;
      // Not at once: the answer goes out before the news that the program has ended.
      this.#options.wake();
    });
    this.#spawned = { epoch: request.epoch, answer };
    return answer;
  }

  /** Beside a service that runs and is neither over nor being stopped, a command may run, too. */
  async host(epoch: number, gone: AbortSignal): Promise<HostAnswer> {
    this.look();
    const reason = whyNotHosted(epoch, {
      epoch: this.#epoch,
      deadlineBootMs: this.#deadlineBootMs,
      isOver: this.#isOver(),
      isThere: this.#instance !== null && !this.#isStarting,
      isEnding: this.#killedFor !== null || this.#killAtBootMs !== NEVER,
    });
    return reason === null ? this.#rooms.host(gone) : { kind: 'refused', reason };
  }

  /** Resolves when nothing is left, or when SIGKILL has not helped. */
  async stop(graceMs: number, unit?: string): Promise<StopAnswer> {
    this.#attempt += 1;
    // A keeper that ran before may have started it (S17).
    if (unit !== undefined && this.#instance === null && !this.#isStarting) await this.#attach(unit);
    if (this.#instance !== null) {
      this.#killAtBootMs = Math.min(this.#killAtBootMs, this.#now() + graceMs);
      this.#instance.terminate();
      this.#rooms.terminate();
      this.#options.wake();
      await this.#untilEnded(graceMs + KILL_MAX_MS);
    }
    if (this.#instance !== null)
      return { kind: 'stillRunning', reason: `Cannot stop ${this.#service}: SIGKILL has not ended all of it` };
    if (this.#isOver()) this.#overEpoch = this.#epoch;
    this.#deadlineBootMs = null;
    return { kind: 'stopped' };
  }

  /** Does what is due now, and returns in how many milliseconds to look again; Infinity: when something changes. */
  look(): number {
    const now = this.#now();
    const instance = this.#instance;
    if (instance !== null) this.#judge(instance, now);
    // S16: what runs beside the service goes with it, and the service is not gone before.
    if (this.#killedFor !== null) this.#rooms.endAll();
    const isRoomLeft = this.#rooms.look();
    if (instance === null) return isRoomLeft ? KILL_AGAIN_MS : NEVER;
    if (this.#killedFor === null) return isRoomLeft ? KILL_AGAIN_MS : this.#untilDueMs(now, instance);
    instance.kill();
    if (!instance.isGone() || isRoomLeft || this.#isStarting) return KILL_AGAIN_MS;
    this.#end(instance, now);
    return NEVER;
  }

  /** How long it has run on past its deadline; 0 if it has not. */
  lateMs(): number {
    const dueBootMs = this.#dueBootMs ?? this.#deadlineBootMs;
    return this.#instance === null || dueBootMs === null ? 0 : Math.max(0, this.#now() - dueBootMs);
  }

  get roomCount(): number {
    return this.#rooms.size;
  }

  tend(): void {
    this.#instance?.tend();
  }

  /** The last thing a keeper does when it cannot go on. */
  killNow(): void {
    this.#attempt += 1;
    this.#instance?.kill();
    this.#rooms.endAll();
    this.#rooms.look();
  }

  #now(): number {
    return this.#options.clock.bootMs();
  }

  #isOver(): boolean {
    if (this.#epoch === this.#overEpoch) return true;
    return this.#deadlineBootMs !== null && this.#now() >= this.#deadlineBootMs;
  }

  async #attach(unit: string): Promise<void> {
    [this.#isStarting, this.#isUnit] = [true, true];
    const instance = this.#options.openUnit(unit, 'attach', this.#options.wake);
    this.#instance = instance;
    await instance.started;
    this.#isStarting = false;
  }

  async #start({ argv, cwd, env, unit }: SpawnRequest): Promise<SpawnAnswer> {
    const attempt = this.#attempt;
    try {
      await using log = await this.#options.openLog(this.#service);
      // Time has passed while the file was opened.
      if (attempt !== this.#attempt) return failed('it was stopped before it had begun');
      if (this.#isOver() || this.#deadlineBootMs === null) return failed('its deadline has passed');
      const { launch, openUnit, wake } = this.#options;
      const program = { argv, cwd, env, logFd: log.fd };
      const instance = unit === undefined ? launch(program, wake) : openUnit(unit, 'start', wake);
      this.#instance = instance;
      this.#options.wake();
      const answer = await instance.started;
      this.#options.log({ service: this.#service, step: this.#step, ...answer }, 'spawn');
      if (answer.kind === 'failed') this.#forget(instance);
      return answer;
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  #judge(instance: Instance, now: number): void {
    if (this.#killedFor !== null) return;
    if (!this.#isStarting && !instance.hasProcesses()) this.#killedFor = 'nothing is left';
    else if (this.#deadlineBootMs !== null && now >= this.#deadlineBootMs) {
      this.#killedFor = 'deadline';
      this.#dueBootMs = this.#deadlineBootMs;
    } else if (now >= this.#killAtBootMs) this.#killedFor = 'stop';
    else return;
    this.#options.log({ service: this.#service, epoch: this.#epoch, why: this.#killedFor }, 'kill');
  }

  #untilDueMs(now: number, instance: Instance): number {
    // The last processes of a program that has ended are not our children: nobody tells us when they go.
    const lookMs = instance.mainExit() === null ? WATCH_MS : ORPHANS_MS;
    return Math.max(1, Math.min(lookMs, (this.#deadlineBootMs ?? NEVER) - now, this.#killAtBootMs - now));
  }

  #end(instance: Instance, now: number): void {
    // What had to be killed ended by our hand, whatever its program had answered before.
    const how = this.#killedFor === 'nothing is left' ? instance.mainExit() : null;
    const exit = { ...(how ?? { code: null, signal: 'SIGKILL' }), atBootMs: now };
    this.#lastExit = exit;
    this.#clear();
    this.#options.log({ service: this.#service, ...exit }, 'exit');
    this.#options.onExit(exit);
  }

  /** A program that never began has no exit. One that hangs in the kernel half begun stays ours until it is gone. */
  #forget(instance: Instance): void {
    if (instance.isGone()) this.#clear();
    else this.#killedFor ??= 'stop';
  }

  #clear(): void {
    this.#instance = null;
    this.#killedFor = null;
    this.#dueBootMs = null;
    this.#killAtBootMs = NEVER;
    for (const wakeUp of this.#waiting) wakeUp();
  }

  async #untilEnded(maxMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = this.#options.clock.timer(maxMs, resolve);
    this.#waiting.add(resolve);
    await promise;
    this.#waiting.delete(resolve);
    patience.stop();
  }
}

function failed(reason: string): SpawnAnswer {
  return { kind: 'failed', reason: `Cannot start the program: ${reason}` };
}
