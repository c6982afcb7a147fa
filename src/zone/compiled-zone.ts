// A zone in the form that answers queries: one entry a name, with records already in wire format. Everything that can be
// decided when the zone is loaded (cuts, wildcards, addresses to add) is decided then, and not for each query.
import type { DomainName } from '../base/ids.ts';
import type { ZoneSnapshot } from './zone-snapshot.ts';

export type CompiledZone =
  | {
      readonly kind: 'loaded';
      readonly zone: DomainName;
      /** Lower-case wire name of the apex. */
      readonly apex: Uint8Array;
      readonly snapshot: ZoneSnapshot;
      readonly names: CompiledNames;
      /** SOA with the negative TTL of RFC 2308 section 5. */
      readonly negativeSoa: CompiledRrset;
    }
  /** Configured, but there is no snapshot yet: answered with SERVFAIL, never with "no such name". */
  | { readonly kind: 'awaiting'; readonly zone: DomainName; readonly apex: Uint8Array };

export type LoadedZone = Extract<CompiledZone, { readonly kind: 'loaded' }>;

export type CompiledNames = {
  /** Entries by hash of the lower-case wire name; equal hashes share a list. */
  readonly byHash: ReadonlyMap<number, readonly CompiledName[]>;
  /** Labels of the deepest name: no closest encloser can have more, which bounds the search for one. */
  readonly labelsMax: number;
};

/** A name that exists, be it an empty non-terminal without RRsets. */
export type CompiledName = {
  /** Lower-case wire name. */
  readonly name: Uint8Array;
  readonly rrsets: ReadonlyMap<number, CompiledRrset>;
  readonly cname: CompiledRrset | null;
  /** What ANY gets: the RRset with the lowest type number (RFC 8482 section 4.1), or null for an empty non-terminal. */
  readonly representative: CompiledRrset | null;
  /** Delegation at or above this name. */
  readonly cut: CompiledCut | null;
  /** The entry `*` directly below this name (RFC 4592). */
  readonly wildcard: CompiledName | null;
};

export type CompiledCut = {
  /** Octets of the delegated name: it is a suffix of every name below it. */
  readonly nameOctets: number;
  readonly ns: CompiledRrset;
};

export type CompiledRrset = {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly count: number;
  /** The records one after another, in canonical order of rdata; each owner is a pointer to the question's name. */
  readonly octets: Uint8Array;
  /** Where each record begins in `octets`. */
  readonly starts: readonly number[];
  /** Names in the rdata of NS, MX and SRV for which the zone has addresses (RFC 1034 section 4.3.2, step 6). */
  readonly targets: readonly CompiledTarget[];
  /** Where values have weights: each alone, as it is answered; null where all are answered together. */
  readonly choices: readonly WeightedChoice[] | null;
};

export type WeightedChoice = {
  /** This one is answered to queries whose draw is below it, and below no earlier one; the last is DRAWS. */
  readonly below: number;
  readonly rrset: CompiledRrset;
};

export type CompiledTarget = {
  /** Where the target name stands in `octets` of its RRset, so that its addresses can point to it. */
  readonly offset: number;
  readonly addresses: readonly CompiledRrset[];
  /** In-domain glue of a delegation: an answer without it is truncated (RFC 9471 section 3.1). */
  readonly isRequired: boolean;
};
