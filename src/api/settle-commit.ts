// A commit whose outcome is settled as far as it can be: an unknown one is looked for by its token (S6).
import type { CommitRequest, Store } from '../ports/store.ts';

export type Settled =
  /** `revision` null: it was found by its token. */
  { readonly kind: 'committed'; readonly revision: number | null } | { readonly kind: 'conflict' | 'unknown' };

/** `unknown`: it may still land (S8). Rejects when nothing was sent. */
export async function settleCommit(store: Store, request: CommitRequest): Promise<Settled> {
  const result = await store.commit(request);
  if (result.kind === 'committed') return { kind: 'committed', revision: result.revision };
  if (result.kind === 'conflict') return { kind: 'conflict' };
  const outcome = await store.outcomeOf(request.token);
  return outcome === 'committed' ? { kind: 'committed', revision: null } : { kind: 'unknown' };
}
