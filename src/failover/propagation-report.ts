// What the world answered when it was asked for the name of a service: each authoritative server and each listed resolver, as
// plain data for the journal, for `why` and for whoever asks. It decides nothing; src/plan/judge-propagation.ts does.

/**
 * `new`: the answer that was written. `hidden`: the provider answers addresses of its own in place of ours, as a proxy does.
 * `unreachable`: there is no way from here, which says nothing about the server.
 */
export type DnsLook =
  | { readonly kind: 'new' | 'old' | 'hidden'; readonly values: readonly string[]; readonly ttlSeconds: number | null }
  | { readonly kind: 'silent' | 'unreachable'; readonly reason: string };

/** One address of an authoritative server, asked directly. */
export type ServerReport = {
  /** Its name, or its address where only that is known. */
  readonly server: string;
  /** `192.0.2.1:53`, `[2001:db8::1]:53`. */
  readonly at: string;
  readonly udp: DnsLook;
  readonly tcp: DnsLook;
  /** Serial of the zone there; null when it was not told. */
  readonly serial: number | null;
  /** From the write, or from the first question where the write is not remembered, until it answered anew; null: not yet. */
  readonly newAfterMs: number | null;
};

/** A resolver that the user lists; its TTL is what is left of it. */
export type ResolverReport = {
  readonly at: string;
  readonly look: DnsLook;
  readonly newAfterMs: number | null;
};

export type PropagationReport = {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME';
  /** What was written; empty where it was an alias, whose addresses its target chooses. */
  readonly values: readonly string[];
  /** What the provider itself says of its servers; null where it was not asked. */
  readonly provider: 'insync' | 'pending' | 'unknown' | null;
  readonly servers: readonly ServerReport[];
  readonly resolvers: readonly ResolverReport[];
  /** Who does not answer anew, in words. */
  readonly laggards: readonly string[];
};

/** The report in a line, kept with the service: the journal of the operation holds the whole of it. */
export type PropagationSummary = {
  readonly atWallMs: number;
  readonly provider: PropagationReport['provider'];
  /** Addresses of authoritative servers that were asked, and how many of them answered anew. */
  readonly servers: number;
  readonly serversNew: number;
  readonly resolvers: number;
  readonly resolversNew: number;
  /** From the write to the last server that answered anew; null where none did. */
  readonly slowestMs: number | null;
};

export function summariseReport(
  { provider, servers, resolvers }: PropagationReport,
  atWallMs: number,
): PropagationSummary {
  const times = servers.flatMap(({ newAfterMs }) => newAfterMs ?? []);
  return {
    atWallMs,
    provider,
    servers: servers.length,
    serversNew: times.length,
    resolvers: resolvers.length,
    resolversNew: resolvers.filter(({ newAfterMs }) => newAfterMs !== null).length,
    slowestMs: times.length === 0 ? null : Math.max(...times),
  };
}
