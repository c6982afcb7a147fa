// Which hosts hold an active node, and which of them are agreed to be down: kept service by service as they change, because
// the brake of S36 is asked for with every look at any of them.
import type { NodeId, ServiceId } from '../base/ids.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { ActiveHost } from '../failover/mass-failure.ts';
import { massFailure } from '../failover/mass-failure.ts';
import type { MachineState } from '../failover/service-state.ts';

export class ActiveHosts {
  readonly #byService = new Map<ServiceId, ActiveHost>();
  /** Services on each host that holds an active, and those whose active is down there. */
  readonly #holding = new Map<string, number>();
  readonly #down = new Map<string, number>();

  readonly #servedBy = new Map<ServiceId, readonly string[]>();
  readonly #servedAt = new Map<string, Set<ServiceId>>();

  /** Null while the service has no active node. */
  note(service: ServiceId, next: ActiveHost | null): void {
    const before = this.#byService.get(service) ?? null;
    if (before?.host === next?.host && before?.isDown === next?.isDown) return;
    if (before !== null) this.#count(before, -1);
    if (next !== null) this.#count(next, 1);
    if (next === null) this.#byService.delete(service);
    else this.#byService.set(service, next);
  }

  /** Addresses at which a service is served, or soon will be; for a test of a fence that would hit it too. */
  noteServed(service: ServiceId, addresses: readonly string[]): void {
    const before = this.#servedBy.get(service) ?? [];
    if (before.length === addresses.length && before.every((address, at) => address === addresses[at])) return;
    for (const address of before) this.#servedAt.get(address)?.delete(service);
    for (const address of addresses) {
      const there = this.#servedAt.get(address) ?? new Set();
      this.#servedAt.set(address, there.add(service));
    }
    this.#servedBy.set(service, addresses);
  }

  /** For each node of a service the other services on its machine; only nodes where there are any (S36). */
  othersAt({ id, nodes }: Pick<ServiceConfig, 'id' | 'nodes'>): Readonly<Record<NodeId, readonly ServiceId[]>> {
    const found = nodes.map((node) => {
      const there = this.#servedAt.get(node.address) ?? [];
      return [node.id, [...there].filter((other) => other !== id).sort()] as const;
    });
    return Object.fromEntries(found.filter(([, others]) => others.length > 0));
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

/** Where a service is active, granted, or about to be started; of an active-active one, where it answers. */
export function servedAddresses({ nodes }: ServiceConfig, { service, grant, op }: MachineState): readonly string[] {
  const members = Object.entries(service.members ?? {}).flatMap(([id, { isIn }]) => (isIn ? [id] : []));
  const serving = new Set([service.active, grant?.node, op?.to, ...members]);
  return [...new Set(nodes.filter(({ id }) => serving.has(id)).map(({ address }) => address))];
}

function add(counts: Map<string, number>, host: string, by: 1 | -1): void {
  const count = (counts.get(host) ?? 0) + by;
  if (count === 0) counts.delete(host);
  else counts.set(host, count);
}
