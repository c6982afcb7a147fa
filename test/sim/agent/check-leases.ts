// What a run with agents must never show: a renewal of a grant that has ended, a service that was started without a renewal of
// its epoch (S14), and a takeover that begins before what ends by itself has ended (I10).
import type { Operation } from '../../../src/failover/operation.ts';
import type { Grant } from '../../../src/failover/service-state.ts';
import type { StoreWrite } from '../../../src/ports/store.ts';
import type { History } from '../history.ts';

type Told = Pick<History, 'violations' | 'note' | 'resource'>;

export class LeaseChecks {
  readonly #history: Told;
  readonly #grant: () => Grant | null;
  readonly #renewed = new Set<string>();

  constructor(history: Told, grant: () => Grant | null) {
    this.#history = history;
    this.#grant = grant;
  }

  /** A renewal is in the store: at this instant the grant must be what it rests on. */
  committed(node: string, writes: readonly StoreWrite[]): void {
    for (const write of writes) {
      if (write.kind !== 'put') continue;
      if (!write.key.includes('/lease/')) continue;
      const { epoch } = JSON.parse(write.value) as { readonly epoch: number };
      this.#renewed.add(`${node} ${epoch}`);
      const grant = this.#grant();
      if (grant?.node === node && grant.epoch === epoch && !grant.revoked) continue;
      this.#violate(`${node} renews epoch ${epoch} while the grant is ${JSON.stringify(grant)}`);
    }
  }

  /** A prober passed a renewal on. */
  passedOn(node: string, epoch: number): void {
    this.#renewed.add(`${node} ${epoch}`);
  }

  spawned(node: string, epoch: number): void {
    if (!this.#renewed.has(`${node} ${epoch}`)) this.#violate(`${node} runs in epoch ${epoch} without a renewal of it`);
  }

  /** I10: what ends by itself has ended before another node is begun with. */
  begins(op: Operation | null): void {
    for (const { id } of op?.rules.nodes ?? []) {
      if (id !== op?.to && this.#history.resource.isHeldBy(id))
        this.#violate(`${op?.to} is begun with while ${id} still runs`, 'I10');
    }
  }

  #violate(text: string, invariant = 'S14'): void {
    this.#history.note(() => `VIOLATION ${invariant}: ${text}`);
    this.#history.violations.push({ invariant, text });
  }
}
