// What the keeper has of one service, as its agent knows it: told by the keeper, and by ends and stops that come between.
import type { Clock } from '../base/clock.ts';
import type { ServiceId } from '../base/ids.ts';
import type { Keeper, KeeperHello, KeptExit, KeptService } from '../ports/keeper.ts';
import type { Logger } from '../ports/logger.ts';

export type KeptHereDeps = {
  readonly service: ServiceId;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keeper: Pick<Keeper, 'hello'>;
};

export const KEEPER_MS = 2_000;
const LOOKS_MAX = 3;

export class KeptHere {
  readonly #deps: KeptHereDeps;
  #hello: KeeperHello;
  #kept: KeptService | null;
  #exitCount = 0;

  constructor(deps: KeptHereDeps, hello: KeeperHello) {
    this.#deps = deps;
    this.#hello = hello;
    this.#kept = this.#find(hello);
  }

  /** null: the keeper that is there does not know the service. */
  get service(): KeptService | null {
    return this.#kept;
  }

  get running(): KeptService | null {
    return this.#kept?.running === true ? this.#kept : null;
  }

  get exitCount(): number {
    return this.#exitCount;
  }

  /** Who certainly ends what the keeper owns. */
  get enforced(): 'watchdog' | 'keeper' | 'none' {
    if (!this.#hello.binds) return 'none';
    return this.#hello.watchdog ? 'watchdog' : 'keeper';
  }

  ended(lastExit: KeptExit): void {
    this.#exitCount += 1;
    if (this.#kept !== null) this.#kept = { ...this.#kept, running: false, pid: null, lastExit };
  }

  /** Nothing of it is left, also when the keeper is silent from now on. */
  stopped(): void {
    if (this.#kept !== null) this.#kept = { ...this.#kept, running: false, pid: null, deadlineBootMs: null };
  }

  spawned({ epoch, step, pid }: Pick<KeptService, 'epoch' | 'step' | 'pid'>): void {
    const { service } = this.#deps;
    this.#kept = { service, epoch, step, running: true, pid, deadlineBootMs: null, lastExit: null };
  }

  /** Never rejects: a keeper that is silent leaves what is known. */
  async look(): Promise<void> {
    const { keeper, service, clock, logger } = this.#deps;
    const call = new AbortController();
    const deadline = clock.timer(KEEPER_MS, () => call.abort());
    try {
      for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
        const exitCount = this.#exitCount;
        this.#hello = await keeper.hello({ signal: call.signal });
        this.#kept = this.#find(this.#hello);
        // An end that was told meanwhile may be later than this answer.
        if (this.#exitCount === exitCount) return;
      }
    } catch (error) {
      logger.warn({ err: error, service }, 'the keeper does not say what runs');
    } finally {
      deadline.stop();
    }
  }

  #find({ services }: KeeperHello): KeptService | null {
    return services.find(({ service }) => service === this.#deps.service) ?? null;
  }
}
