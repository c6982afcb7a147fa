// Which hosts hold an active node, and which of them are agreed to be down: kept service by service as they change, because
// the brake of S36 is asked for with every look at any of them.
import type { ServiceId } from '../base/ids.ts';
import type { ActiveHost } from '../failover/mass-failure.ts';
import { massFailure } from '../failover/mass-failure.ts';

export class ActiveHosts {
  readonly #byService = new Map<ServiceId, ActiveHost>();
  /** Services on each host that holds an active, and those whose active is down there. */
  readonly #holding = new Map<string, number>();
  readonly #down = new Map<string, number>();

  /** Null while the service has no active node. */
  note(service: ServiceId, next: ActiveHost | null): void {
    const before = this.#byService.get(service) ?? null;
    if (before?.host === next?.host && before?.isDown === next?.isDown) return;
    if (before !== null) this.#count(before, -1);
    if (next !== null) this.#count(next, 1);
    if (next === null) this.#byService.delete(service);
    else this.#byService.set(service, next);
  }

  /** Why new automatic operations are held, or null (S36). */
  brake(): string | null {
    return massFailure({ holding: this.#holding.size, down: this.#down.size });
  }

  #count({ host, isDown }: ActiveHost, by: 1 | -1): void {
    add(this.#holding, host, by);
    if (isDown) add(this.#down, host, by);
  }
}

function add(counts: Map<string, number>, host: string, by: 1 | -1): void {
  const count = (counts.get(host) ?? 0) + by;
  if (count === 0) counts.delete(host);
  else counts.set(host, count);
}
