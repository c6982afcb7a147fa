// What a name server answers from: one frozen value, swapped as a whole and read once for each query.
import type { CompiledZone } from './compiled-zone.ts';

/** How much a server may promise, decided by `servingMode` from the age of its last completed store read (S30). */
export type ServingMode =
  | { readonly kind: 'fresh' }
  /** Lost touch: answers, with TTLs of at most `ttlCapSeconds`. */
  | { readonly kind: 'lost'; readonly ttlCapSeconds: number }
  /** Too old to answer at all: SERVFAIL with an extended error, so that resolvers turn to the other servers. */
  | { readonly kind: 'refuse' }
  /** Too old, but there are not enough other servers: goes on with capped TTLs. */
  | { readonly kind: 'stale'; readonly ttlCapSeconds: number };

export type ServingState = { readonly zones: readonly CompiledZone[]; readonly mode: ServingMode };
