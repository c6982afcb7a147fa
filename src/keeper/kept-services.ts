// All services of a keeper, and the loop that looks at them in time: at each deadline, and often in between, because a timer
// sleeps while the machine is suspended and a deadline does not (S2, S16).
import type { Clock, Timer } from '../base/clock.ts';
import { OneupError } from '../base/oneup-error.ts';
import {
  type HostAnswer,
  type KeptExit,
  type KeptService,
  NO_DEADLINE_BOOT_MS,
  type SpawnAnswer,
  type SpawnRequest,
  type StopAnswer,
} from '../ports/keeper.ts';
import type { ArmRequest, HostRequest, StopRequest } from './keeper-protocol.ts';
import { type KeptServiceOptions, ServiceKeeper } from './kept-service.ts';

export type KeptServicesOptions = Omit<KeptServiceOptions, 'onExit' | 'wake'> & {
  readonly onExit: (service: string, exit: KeptExit) => void;
  /** About once a second while something runs; must not throw. */
  readonly onTend?: (runningServices: readonly string[]) => void;
};

/** More services than one node can run; what comes after is a fault of the agent. */
const SERVICES_MAX = 256;
/** Each has a connection of its own, and the rest of those that the keeper takes are for agents. */
const ROOMS_MAX = 192;
/** Longer leases are taken for a mistake, for instance for a time on another clock. */
const DEADLINE_AHEAD_MAX_MS = 24 * 3_600_000;
const TEND_MS = 1_000;

export class KeptServices {
  readonly #clock: Clock;
  readonly #options: KeptServicesOptions;
  readonly #services = new Map<string, ServiceKeeper>();
  #timer: Timer | null = null;
  #isEnding = false;
  #tendedMonoMs = 0;

  constructor(options: KeptServicesOptions) {
    this.#clock = options.clock;
    this.#options = options;
  }

  views(): readonly KeptService[] {
    return [...this.#services.values()].map((service) => service.view());
  }

  arm(request: ArmRequest): boolean {
    const isNone = request.deadlineBootMs === NO_DEADLINE_BOOT_MS;
    if (!isNone && request.deadlineBootMs > this.#clock.bootMs() + DEADLINE_AHEAD_MAX_MS)
      throw refusal('arm', `the deadline is more than ${DEADLINE_AHEAD_MAX_MS} ms ahead`, request.deadlineBootMs);
    return this.#take(request.service).arm(request);
  }

  spawn(request: SpawnRequest): Promise<SpawnAnswer> {
    if (this.#isEnding) return Promise.resolve({ kind: 'refused', reason: 'Cannot spawn: the keeper ends' });
    return this.#take(request.service).spawn(request);
  }

  /** Only beside a service that is known; `gone` aborts when whoever asked has left. */
  async host({ service, epoch }: HostRequest, gone: AbortSignal): Promise<HostAnswer> {
    const known = this.#isEnding ? undefined : this.#services.get(service);
    if (known === undefined) return notHosted(`${service} is not kept here`);
    const count = [...this.#services.values()].reduce((sum, { roomCount }) => sum + roomCount, 0);
    return count < ROOMS_MAX ? known.host(epoch, gone) : notHosted(`there are ${ROOMS_MAX} commands already`);
  }

  async stop({ service, graceMs, unit }: StopRequest): Promise<StopAnswer> {
    if (unit !== undefined) return this.#take(service).stop(graceMs, unit);
    // A service that was never named before has nothing to stop, and is not worth remembering.
    return (await this.#services.get(service)?.stop(graceMs)) ?? { kind: 'stopped' };
  }

  /** Whether anything of the service is here by our hand. */
  isKept(service: string): boolean {
    return this.#services.get(service)?.view().running === true;
  }

  /** For the end of the keeper: nothing is spawned any more. */
  async stopAll(graceMs: number): Promise<void> {
    this.#isEnding = true;
    await Promise.all([...this.#services.values()].map((service) => service.stop(graceMs)));
  }

  killNow(): void {
    for (const service of this.#services.values()) service.killNow();
  }

  /** How long the latest service has run on past its deadline. */
  lateMs(): number {
    return Math.max(0, ...[...this.#services.values()].map((service) => service.lateMs()));
  }

  #take(service: string): ServiceKeeper {
    const known = this.#services.get(service);
    if (known !== undefined) return known;
    if (this.#services.size >= SERVICES_MAX)
      throw refusal('take another service', `there are ${SERVICES_MAX} already`, service);
    const added = new ServiceKeeper(service, {
      ...this.#options,
      onExit: (exit) => this.#options.onExit(service, exit),
      wake: () => this.#lookIn(0),
    });
    this.#services.set(service, added);
    return added;
  }

  #look(): void {
    const waits = [...this.#services.values()].map((service) => service.look());
    const isTendTime = this.#clock.monotonicMs() - this.#tendedMonoMs >= TEND_MS;
    const nextMs = Math.min(...waits);
    if (isTendTime) this.#tend();
    if (nextMs !== Number.POSITIVE_INFINITY) this.#lookIn(nextMs);
  }

  #tend(): void {
    this.#tendedMonoMs = this.#clock.monotonicMs();
    for (const service of this.#services.values()) service.tend();
    const running = this.views().filter((view) => view.running);
    this.#options.onTend?.(running.map(({ service }) => service));
  }

  #lookIn(ms: number): void {
    this.#timer?.stop();
    this.#timer = this.#clock.timer(ms, () => this.#look());
  }
}

function notHosted(reason: string): HostAnswer {
  return { kind: 'refused', reason: `Cannot host the command: ${reason}` };
}

function refusal(what: string, why: string, value: string | number): OneupError {
  return new OneupError('ONEUP_AGENT_KEEPER', `Cannot ${what}: ${why}, value was ${value}`);
}
