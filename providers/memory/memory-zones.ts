// The zones of a provider that lives in memory, shared by any number of clients as an API shares its zones with callers.
import type { DomainName } from '../../src/base/ids.ts';
import { type Rrset, type RrsetKey, rrsetKeyText } from '../../src/dns/rrset.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';

export class MemoryZones {
  readonly #zones = new Map<DomainName, ReadonlyMap<string, Rrset>>();
  readonly #changeIds = new Map<string, string>();

  list(zone: DomainName): readonly Rrset[] {
    return [...(this.#zones.get(zone)?.values() ?? [])];
  }

  /** All changes at one instant. Whether they may be done is decided by the caller. */
  write(zone: DomainName, changes: readonly RrsetChange[], idempotencyKey: string): string {
    const rrsets = new Map(this.#zones.get(zone));
    for (const { before, after } of changes) {
      if (after !== null) rrsets.set(rrsetKeyText(after), after);
      else if (before !== null) rrsets.delete(rrsetKeyText(before));
    }
    this.#zones.set(zone, rrsets);
    const changeId = `change-${this.#changeIds.size + 1}`;
    this.#changeIds.set(idempotencyKey, changeId);
    return changeId;
  }

  /** Id of the change that was written with this key, or null. */
  changeIdOf(idempotencyKey: string): string | null {
    return this.#changeIds.get(idempotencyKey) ?? null;
  }

  /** What a foreign hand does: no guard, no ownership, no trace. null removes the RRset. */
  edit(zone: DomainName, key: RrsetKey, rrset: Rrset | null): void {
    const rrsets = new Map(this.#zones.get(zone));
    if (rrset === null) rrsets.delete(rrsetKeyText(key));
    else rrsets.set(rrsetKeyText(key), rrset);
    this.#zones.set(zone, rrsets);
  }
}
