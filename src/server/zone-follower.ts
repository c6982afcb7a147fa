// Keeps what a name server answers from in step with the store: builds a snapshot whenever a zone's records change, swaps it
// in as a whole, keeps it on disk, and reports what it now serves (S29 to S31). Without the store it goes on with the last.
import type { Clock } from '../base/clock.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, ZoneConfig } from '../config/config.ts';
import { type Rrset, rrsetKeyText } from '../dns/rrset.ts';
import { parseStoredRrset, parseStoredSerial } from '../dns/stored-rrset.ts';
import type { ServedRecord } from '../plan/served-record.ts';
import type { Logger } from '../ports/logger.ts';
import type { StoreView } from '../ports/store-view.ts';
import { buildSnapshot } from '../zone/build-snapshot.ts';
import { awaitingZone, compileZone } from '../zone/compile-zone.ts';
import type { CompiledZone } from '../zone/compiled-zone.ts';
import { servingMode } from '../zone/serving-mode.ts';
import type { ServingState } from '../zone/serving-state.ts';
import { isNewerSnapshot } from '../zone/snapshot-order.ts';
import { formatZoneFault } from '../zone/zone-fault.ts';
import type { ZoneSnapshot } from '../zone/zone-snapshot.ts';
import { DrainTracker } from './drain-tracker.ts';
import type { SnapshotFile } from './snapshot-file.ts';

export type ZoneFollowerOptions = {
  readonly prober: string;
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly snapshots: SnapshotFile;
  /** By name and type; outlives a follower, because resolvers do not forget when a configuration changes (S31). */
  readonly drains: Map<string, DrainTracker>;
  readonly signal: AbortSignal;
};

/** What the follower reads once the store is there. */
export type ZoneSource = {
  readonly keys: StoreKeys;
  readonly view: StoreView;
  readonly generation: number;
  /** Version of `config/current` that this follower's configuration was read from; null where there is none. */
  readonly configVersion: number | null;
  /** Leaves a record of this prober in the store; null removes it. */
  readonly report: (key: string, value: string | null) => void;
};

/** How often a snapshot on disk is marked as confirmed. */
const CONFIRM_EVERY_MS = 2_000;

export class ZoneFollower {
  readonly #options: ZoneFollowerOptions;
  readonly #zones = new Map<string, CompiledZone>();
  readonly #reported = new Set<string>();
  #source: ZoneSource | null = null;
  /** Age of the snapshots found on disk when this process started, and when that was. */
  #inherited: { readonly ageMs: number; readonly atMonoMs: number } | null = null;
  #confirmedAtMonoMs: number | null = null;
  #markedAtMonoMs = Number.NEGATIVE_INFINITY;
  #state: ServingState;

  constructor(options: ZoneFollowerOptions) {
    this.#options = options;
    for (const zone of options.config.dns.zones) this.#zones.set(zone.name, awaitingZone(zone.name));
    this.#state = Object.freeze({ zones: [...this.#zones.values()], mode: { kind: 'refuse' } as const });
  }

  /** The frozen state of this moment: one reference a query. */
  state = (): ServingState => this.#state;

  /** Loads what the last run left on disk; a damaged file is reported and not used. */
  async loadFromDisk(): Promise<void> {
    const { config, snapshots, signal, logger, clock } = this.#options;
    for (const { name } of config.dns.zones) {
      const loaded = await snapshots.load(name, { signal });
      if (!loaded.ok) logger.error({ zone: name, fault: loaded.error.kind }, loaded.error.reason);
      else if (loaded.value !== null) {
        this.#compile(loaded.value);
        this.#remember(loaded.value);
        const ageMs = await snapshots.confirmedAgeMs(name, clock.wallMs());
        const atMonoMs = clock.monotonicMs();
        if (this.#inherited === null || ageMs > this.#inherited.ageMs) this.#inherited = { ageMs, atMonoMs };
        logger.info({ zone: name, serial: loaded.value.serial, ageMs }, 'serving the snapshot kept on disk');
      }
    }
    this.look();
  }

  /** Goes on from what another follower of this process serves: its zones that are still configured, and how old they are. */
  inherit(from: ZoneFollower): void {
    for (const [name, zone] of from.#zones) {
      if (this.#zones.has(name)) this.#zones.set(name, zone);
    }
    this.#confirmedAtMonoMs = from.#confirmedAtMonoMs;
    this.#inherited = from.#inherited;
    this.look();
  }

  /** Answers that were given before this process began may be of any age up to the longest TTL (S31). */
  #remember({ rrsets }: ZoneSnapshot): void {
    const { clock, config, drains } = this.#options;
    const nowMonoMs = clock.monotonicMs();
    const longestTtlSeconds = Math.max(0, ...config.services.map((service) => service.record.ttl.steadySeconds));
    for (const rrset of this.#managed(rrsets)) {
      const key = rrsetKeyText(rrset);
      if (drains.has(key)) continue;
      const tracker = new DrainTracker({ unknownUntilMonoMs: nowMonoMs + longestTtlSeconds * 1_000 });
      tracker.publish(rrset, nowMonoMs);
      drains.set(key, tracker);
    }
  }

  /** Follows the store from now on, until the signal of this follower aborts; from then on what it serves only grows older. */
  follow(source: ZoneSource): void {
    const { signal } = this.#options;
    this.#source = source;
    const stops = this.#options.config.dns.zones.map((zone) =>
      source.view.onChange(source.keys.zone(zone.name), () => this.#rebuild(zone)),
    );
    const leave = () => {
      for (const stop of stops) stop();
      this.#source = null;
    };
    signal.addEventListener('abort', leave, { once: true });
    for (const zone of this.#options.config.dns.zones) this.#rebuild(zone);
    this.look();
  }

  #rebuild(zone: ZoneConfig): void {
    const source = this.#source;
    if (source === null || source.view.revision() === 0) return;
    // The serial that comes with another configuration belongs to that one's static records (S29).
    if ((source.view.get(source.keys.config)?.version ?? null) !== source.configVersion) return;
    const read = this.#read(zone, source);
    if (read === null) return;
    const { config, logger } = this.#options;
    const built = buildSnapshot({
      zone,
      generation: source.generation,
      serial: read.serial,
      managed: read.managed,
      nameServerAddresses: zone.nameServers.flatMap(({ prober, name }) => {
        const found = config.cluster.probers.find((candidate) => candidate.id === prober);
        return found === undefined ? [] : [{ name, address: found.address }];
      }),
    });
    if (!built.ok) {
      const faults = built.error.map(formatZoneFault);
      logger.error({ zone: zone.name, faults }, 'the zone in the store breaks an invariant; the last one is kept');
      return;
    }
    const current = this.#zones.get(zone.name);
    if (current?.kind === 'loaded' && !this.#replaces(built.value, current.snapshot)) {
      this.#reportServed(current.snapshot);
      return;
    }
    this.#compile(built.value);
    this.look();
    this.#reportServed(built.value);
    void this.#save(built.value);
  }

  /** Newer, and not a step into silence: the answer of a configured service is replaced, never taken away (S28). */
  #replaces(next: ZoneSnapshot, current: ZoneSnapshot): boolean {
    const names = new Set(next.rrsets.map(({ name }) => name));
    const lost = this.#managed(current.rrsets).find(({ name }) => !names.has(name));
    if (lost !== undefined) {
      const remedy = 'Find out which node runs the service, then run oneup adopt or oneup switchover';
      this.#options.logger.error(
        { zone: next.zone, name: lost.name, remedy },
        'the store has no record of a name that is served; the last snapshot is kept',
      );
      return false;
    }
    if (isNewerSnapshot(next, current)) return true;
    const isOther = next.serial === current.serial && next.generation === current.generation;
    return isOther && JSON.stringify(next.rrsets) !== JSON.stringify(current.rrsets);
  }

  /** What configured services answer, in whatever snapshot. */
  #managed(rrsets: readonly Rrset[]): readonly Rrset[] {
    const names = new Set(this.#options.config.services.map((service) => service.record.name));
    return rrsets.filter(({ name, type }) => names.has(name) && ['A', 'AAAA', 'CNAME'].includes(type));
  }

  #read(zone: ZoneConfig, { keys, view }: ZoneSource): { serial: number; managed: readonly Rrset[] } | null {
    const prefix = keys.zone(zone.name);
    const managed: Rrset[] = [];
    let serial = 0;
    for (const { key, value } of view.list(prefix)) {
      const parsed =
        key === keys.zoneSerial(zone.name)
          ? parseStoredSerial(value)
          : parseStoredRrset(key.slice(prefix.length), value);
      if (!parsed.ok) {
        this.#options.logger.error({ zone: zone.name, key }, `${parsed.error}; the last snapshot is kept`);
        return null;
      }
      if (typeof parsed.value === 'number') serial = parsed.value;
      else managed.push(parsed.value.rrset);
    }
    return { serial, managed };
  }

  #compile(snapshot: ZoneSnapshot): void {
    const compiled = compileZone(snapshot);
    if (compiled.ok) this.#zones.set(snapshot.zone, compiled.value);
    else
      this.#options.logger.error(
        { zone: snapshot.zone, faults: compiled.error.map(formatZoneFault) },
        'a zone is not servable',
      );
  }

  async #save(snapshot: ZoneSnapshot): Promise<void> {
    const { snapshots, signal, logger } = this.#options;
    const saved = await snapshots.save(snapshot, { signal }).catch(() => null);
    if (saved !== null && !saved.ok) logger.error({ zone: snapshot.zone, fault: saved.error.kind }, saved.error.reason);
  }

  /**
   * Decides how much this server may promise (S30), and swaps the whole state. Whoever serves from this follower calls it
   * often, with or without a store: nothing in here notices that time passes.
   */
  look(): void {
    const { clock, config } = this.#options;
    const nowMonoMs = clock.monotonicMs();
    const confirmed = this.#source?.view.confirmedAtMonoMs() ?? null;
    if (confirmed !== null) this.#confirmedAtMonoMs = Math.max(this.#confirmedAtMonoMs ?? confirmed, confirmed);
    const { lostAfterMs, staleAfterMs } = config.cluster.timing;
    const suspectTtlSeconds = Math.min(...config.services.map((service) => service.record.ttl.suspectSeconds), 60);
    const freshness = { confirmedAgeMs: this.#ageMs(nowMonoMs), pausedMs: 0 };
    const mode = servingMode(freshness, { lostAfterMs, staleAfterMs, onStale: config.dns.onStale, suspectTtlSeconds });
    if (mode.kind !== this.#state.mode.kind)
      this.#options.logger.warn({ mode: mode.kind }, `the name server is ${mode.kind}`);
    this.#state = Object.freeze({ zones: [...this.#zones.values()], mode });
    if (mode.kind === 'fresh' && nowMonoMs - this.#markedAtMonoMs >= CONFIRM_EVERY_MS) this.#markConfirmed(nowMonoMs);
  }

  #ageMs(nowMonoMs: number): number | null {
    if (this.#confirmedAtMonoMs !== null) return nowMonoMs - this.#confirmedAtMonoMs;
    return this.#inherited === null ? null : this.#inherited.ageMs + nowMonoMs - this.#inherited.atMonoMs;
  }

  /** So that a restart without the store knows how old its snapshots are, and not only when they last changed. */
  #markConfirmed(nowMonoMs: number): void {
    this.#markedAtMonoMs = nowMonoMs;
    const { snapshots, clock } = this.#options;
    for (const zone of this.#zones.keys()) void snapshots.markConfirmed(zone, clock.wallMs());
  }

  /** S31: told once the new data is loaded, with how long the old answers may live on. */
  #reportServed({ serial, rrsets }: ZoneSnapshot): void {
    const { clock, prober, drains } = this.#options;
    const nowMonoMs = clock.monotonicMs();
    for (const rrset of this.#managed(rrsets)) {
      const key = rrsetKeyText(rrset);
      const tracker = drains.get(key) ?? new DrainTracker();
      drains.set(key, tracker);
      const isNew = tracker.publish(rrset, nowMonoMs);
      if (!isNew && this.#reported.has(key)) continue;
      this.#reported.add(key);
      const { values, ttlSeconds } = rrset;
      const served: ServedRecord = { serial, values, ttlSeconds, drainMs: Math.ceil(tracker.drainMs(nowMonoMs)) };
      this.#source?.report(this.#source.keys.served(prober, rrset.name, rrset.type), JSON.stringify(served));
    }
  }
}
