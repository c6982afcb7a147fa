// The DNS provider of a run: the memory provider behind a slow and unreliable line. After every write the history sees what
// the provider then answers, and whether a foreign hand's work is still there.
import { createMemoryProvider } from '../../providers/memory/index.ts';
import { MemoryZones } from '../../providers/memory/memory-zones.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import { ownershipName, parseOwnership } from '../../src/plan/ownership.ts';
import type { DnsProvider } from '../../src/ports/dns-provider.ts';
import type { Draw } from './draw.ts';
import type { History } from './history.ts';
import type { SimClock } from './sim-clock.ts';
import { addressOf, NAME, ZONE } from './sim-config.ts';
import type { SimNetwork } from './sim-network.ts';

const FOREIGN: Rrset = { name: 'www.ha.example.com.', type: 'A', ttlSeconds: 300, values: ['192.0.2.200'] };
/** An address in our record that is no node's: somebody else's work. */
export const STRANGER = '203.0.113.9';
const DELAY_MAX_MS = 40;
const SLOW_MS = 12_000;
const SNAPSHOTS_MAX = 4;

export type SimDnsOptions = {
  readonly history: History;
  /** How the network knows it: `dns`, or `dns2` for the second provider of the name. */
  readonly name: 'dns' | 'dns2';
  readonly draw: Draw;
  readonly network: SimNetwork;
  readonly nodes: readonly string[];
  /** True time: what was sent arrives although its sender is stopped or dead. */
  readonly wire: SimClock;
};

export class SimDns {
  /** How often a write fails, takes long, or a list shows what was there before, from 0 to 1. */
  readonly rates = { fault: 0, slow: 0, stale: 0, duplicate: 0 };
  readonly zones = new MemoryZones();
  readonly #options: SimDnsOptions;
  readonly #snapshots: (readonly Rrset[])[] = [];
  readonly #listeners: ((values: readonly string[]) => void)[] = [];

  constructor(options: SimDnsOptions) {
    this.#options = options;
    this.zones.edit(ZONE, FOREIGN, FOREIGN);
  }

  get addresses(): readonly string[] {
    return this.find(NAME, 'A')?.values ?? [];
  }

  calm(): void {
    Object.assign(this.rates, { fault: 0, slow: 0, stale: 0, duplicate: 0 });
  }

  /** Name servers hear of every new answer. */
  onPublished(listener: (values: readonly string[]) => void): void {
    this.#listeners.push(listener);
  }

  find(name: string, type: string): Rrset | null {
    return this.zones.list(ZONE).find((rrset) => rrset.name === name && rrset.type === type) ?? null;
  }

  /** The provider as one controller process reaches it. */
  provider(from: string, clock: SimClock): DnsProvider {
    const { draw, name, network } = this.#options;
    const inner = createMemoryProvider({
      name: 'memory',
      zones: this.zones,
      faults: {
        isReachable: () => network.carries(from, name),
        fateOfWrite: () => {
          if (!network.carries(name, from)) return 'writtenUnanswered';
          if (!draw.chance(this.rates.fault)) return 'answered';
          return draw.pick(['writtenUnanswered', 'droppedUnanswered', 'throttled']);
        },
      },
    });
    return {
      ...inner,
      list: async (zone, options) => {
        const rrsets = await inner.list(zone, options);
        return draw.chance(this.rates.stale) ? (this.#snapshots[0] ?? rrsets) : rrsets;
      },
      apply: async (zone, changes, options) => {
        const again = draw.chance(this.rates.duplicate);
        const result = await this.#arrive(() => inner.apply(zone, changes, unhurried(options)));
        if (again) void this.#arrive(() => inner.apply(zone, changes, unhurried(options)));
        await new Promise<void>((resolve) => void clock.timer(0, resolve));
        return result;
      },
    };
  }

  /** What is on the wire arrives, whether or not the sender still wants it. */
  async #arrive<T>(write: () => Promise<T>): Promise<T> {
    const { draw, wire } = this.#options;
    const isSlow = draw.chance(this.rates.slow);
    const delayMs = isSlow ? draw.between(DELAY_MAX_MS, SLOW_MS) : draw.between(0, DELAY_MAX_MS);
    await new Promise<void>((resolve) => void wire.timer(delayMs, resolve));
    const before = this.zones.list(ZONE);
    const result = await write();
    const after = this.zones.list(ZONE);
    if (JSON.stringify(before) !== JSON.stringify(after)) this.#published(before);
    return result;
  }

  #published(before: readonly Rrset[]): void {
    const { history, name, nodes } = this.#options;
    this.#snapshots.push(before);
    if (this.#snapshots.length > SNAPSHOTS_MAX) this.#snapshots.shift();
    const owner = parseOwnership(this.find(ownershipName(NAME), 'TXT')?.values[0] ?? '');
    // A foreign hand's address beside ours is not our answer; that it stays is looked at below.
    const ours = this.addresses.filter((address) => address !== STRANGER);
    const answered = ours.map((address) => nodes.find((id) => addressOf(id) === address) ?? address);
    const { epoch, seq } = owner.ok ? owner.value : { epoch: 0, seq: 0 };
    history.published(name, { nodes: answered, epoch, seq });
    for (const rrset of [FOREIGN, ...before.filter(({ values }) => values.includes(STRANGER))]) {
      const now = this.find(rrset.name, rrset.type);
      if (JSON.stringify(now) !== JSON.stringify(rrset)) history.foreignChanged(`${rrset.name} ${rrset.type}`);
    }
    for (const listener of this.#listeners) listener(this.addresses);
  }
}

/** The sender's deadline does not reach what is on its way. */
function unhurried<T extends object>(options: T): T & { readonly signal: AbortSignal } {
  return { ...options, signal: new AbortController().signal };
}
