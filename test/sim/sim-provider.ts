// The DNS provider of a run: the memory provider behind a slow and unreliable line. After every write the history sees what
// the provider then answers, and whether a foreign record is still there.
import { createMemoryProvider } from '../../providers/memory/index.ts';
import { MemoryZones } from '../../providers/memory/memory-zones.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import { ownershipName, parseOwnership } from '../../src/plan/ownership.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { Mutation } from './mutation.ts';
import { addressOf, NAME, ZONE } from './sim-config.ts';
import type { SimClock } from './virtual-time.ts';

const FOREIGN: Rrset = { name: 'www.ha.example.com.', type: 'A', ttlSeconds: 300, values: ['192.0.2.200'] };
type SimDnsOptions = {
  readonly history: History;
  readonly draw: Draw;
  readonly nodes: readonly string[];
  /** True time: what was sent arrives although its sender is stopped or dead. */
  readonly wire: SimClock;
};

const DELAY_MAX_MS = 40;
const SLOW_MS = 12_000;

export class SimDns {
  /** How often a write goes wrong, from 0 to 1. */
  faultRate = 0;
  readonly zones = new MemoryZones();
  readonly #history: History;
  readonly #draw: Draw;
  readonly #nodes: readonly string[];
  readonly #wire: SimClock;

  constructor(options: SimDnsOptions) {
    this.#wire = options.wire;
    this.#history = options.history;
    this.#draw = options.draw;
    this.#nodes = options.nodes;
    this.zones.edit(ZONE, FOREIGN, FOREIGN);
  }

  get addresses(): readonly string[] {
    return this.#find(NAME, 'A')?.values ?? [];
  }

  /** The provider as one controller process reaches it. */
  provider(clock: SimClock, mutation: Mutation | null): DnsProvider {
    const inner = createMemoryProvider({
      name: 'memory',
      zones: this.zones,
      faults: {
        fateOfWrite: () =>
          this.#draw.chance(this.faultRate)
            ? this.#draw.pick(['writtenUnanswered', 'droppedUnanswered', 'throttled'])
            : 'answered',
      },
    });
    return {
      ...inner,
      apply: async (zone, changes, options) => {
        const isSlow = this.#draw.chance(this.faultRate);
        const delayMs = isSlow ? this.#draw.between(DELAY_MAX_MS, SLOW_MS) : this.#draw.between(0, DELAY_MAX_MS);
        await new Promise<void>((resolve) => void this.#wire.timer(delayMs, resolve));
        const before = this.#ownership();
        // What is on the wire arrives, whether or not the sender still wants it.
        const sent = { ...options, signal: new AbortController().signal };
        const result = await inner.apply(zone, mutation === 'blindDns' ? this.#refresh(changes) : changes, sent);
        if (this.#ownership() !== before) this.#published();
        await new Promise<void>((resolve) => void clock.timer(0, resolve));
        return result;
      },
    };
  }

  #refresh(changes: Parameters<DnsProvider['apply']>[1]): Parameters<DnsProvider['apply']>[1] {
    return changes.map((change) => {
      const key = change.after ?? change.before;
      const before = key === null ? null : this.#find(key.name, key.type);
      return { ...change, before } as typeof change;
    });
  }

  #find(name: string, type: string): Rrset | null {
    return this.zones.list(ZONE).find((rrset) => rrset.name === name && rrset.type === type) ?? null;
  }

  #ownership(): string {
    return this.#find(ownershipName(NAME), 'TXT')?.values[0] ?? '';
  }

  #published(): void {
    const owner = parseOwnership(this.#ownership());
    const nodes = this.addresses.map((address) => this.#nodes.find((id) => addressOf(id) === address) ?? address);
    const { epoch, seq } = owner.ok ? owner.value : { epoch: 0, seq: 0 };
    this.#history.published({ nodes, epoch, seq });
    const foreign = this.#find(FOREIGN.name, FOREIGN.type);
    if (JSON.stringify(foreign) !== JSON.stringify(FOREIGN)) this.#history.foreignChanged();
  }
}
