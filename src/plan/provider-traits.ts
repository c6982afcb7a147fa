// What each kind of provider means for the TTLs of a name, as data, so that rules and plans know it without asking anybody.
// The capabilities of the providers say the same; a test compares the two.

/** TTLs in seconds. */
export type ProviderTraits = {
  readonly ttlMinSeconds: number;
  readonly ttlMaxSeconds: number;
  /** The published TTL may follow every suspicion; elsewhere only planned moves lower it. */
  readonly followsSuspicion: boolean;
};

/** A day: longer than any TTL that a failover can wait out. */
const DAY_SECONDS = 86_400;
/** RFC 2181 section 8. */
const TTL_MAX_SECONDS = 2_147_483_647;

/** By the `kind` of an entry of `providers`. */
const TRAITS: Readonly<Record<string, ProviderTraits>> = {
  builtin: { ttlMinSeconds: 1, ttlMaxSeconds: DAY_SECONDS, followsSuspicion: true },
  rfc2136: { ttlMinSeconds: 1, ttlMaxSeconds: TTL_MAX_SECONDS, followsSuspicion: false },
  powerdns: { ttlMinSeconds: 1, ttlMaxSeconds: TTL_MAX_SECONDS, followsSuspicion: false },
  /** Amazon Route 53 API reference, ResourceRecordSet: 0 to 2147483647. */
  route53: { ttlMinSeconds: 1, ttlMaxSeconds: TTL_MAX_SECONDS, followsSuspicion: false },
  /** Cloudflare API, DNS records: 60 to 86400; the 30 of Enterprise zones is not counted on. */
  cloudflare: { ttlMinSeconds: 60, ttlMaxSeconds: DAY_SECONDS, followsSuspicion: false },
};

/** Throws RangeError for a kind that configuration does not know. */
export function providerTraits(kind: string): ProviderTraits {
  const traits = TRAITS[kind];
  if (traits === undefined) throw new RangeError(`Cannot plan for providers of kind ${kind}`);
  return traits;
}
