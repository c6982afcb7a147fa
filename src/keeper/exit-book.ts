// Which exits of services were told, so that each is told once: those that the keeper reports, those that happened while nobody
// was connected, and those of services that died with their keeper.
import type { ServiceId } from '../base/ids.ts';
import type { KeeperHello, KeptExit } from '../ports/keeper.ts';

export type ExitListener = (service: ServiceId, exit: KeptExit) => void;

export class ExitBook {
  readonly #listeners = new Set<ExitListener>();
  readonly #toldAtBootMs = new Map<ServiceId, number>();
  /** Under which keeper a service was seen running, if it is bound to it. */
  readonly #running = new Map<ServiceId, number>();
  /** The last exit of each service that nobody has listened to. */
  readonly #unheard = new Map<ServiceId, KeptExit>();

  /** What nobody has heard of is told at once. */
  listen(listener: ExitListener): () => void {
    this.#listeners.add(listener);
    const unheard = [...this.#unheard];
    this.#unheard.clear();
    for (const [service, exit] of unheard) listener(service, exit);
    return () => void this.#listeners.delete(listener);
  }

  tell(service: ServiceId, exit: KeptExit): void {
    this.#running.delete(service);
    if (exit.atBootMs <= (this.#toldAtBootMs.get(service) ?? -1)) return;
    this.#toldAtBootMs.set(service, exit.atBootMs);
    if (this.#listeners.size === 0) this.#unheard.set(service, exit);
    for (const listener of [...this.#listeners]) listener(service, exit);
  }

  noteRunning(service: ServiceId, keeper: Pick<KeeperHello, 'pid' | 'binds'>): void {
    if (keeper.binds) this.#running.set(service, keeper.pid);
  }

  /** Compares what was known with what a keeper says now. */
  compare(hello: KeeperHello, nowBootMs: number): void {
    for (const { service, lastExit, running, isUnit } of hello.services) {
      if (lastExit !== null) this.tell(service, lastExit);
      if (running && isUnit !== true) this.noteRunning(service, hello);
      else this.#running.delete(service);
    }
    for (const [service, keeperPid] of [...this.#running]) {
      // It was bound to a keeper that is not there any more (S16).
      if (keeperPid !== hello.pid) this.tell(service, { code: null, signal: 'SIGKILL', atBootMs: nowBootMs });
    }
  }
}
