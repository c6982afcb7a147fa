// Turns the host of a target into one address. A literal needs no lookup; a name that does not resolve is never the node's
// failure, because it is our resolver that was asked (S22).
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

export type ResolvedHost =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'error'; readonly reason: string }
  /** getaddrinfo holds a thread of the pool and cannot be cancelled: `lingering` resolves when it has let go (S23). */
  | { readonly kind: 'deadline'; readonly lingering: Promise<void> };

/** Never rejects. The first address of the system's order is the one that is tried: one attempt, one address. */
export async function resolveHost(host: string, { signal }: { readonly signal: AbortSignal }): Promise<ResolvedHost> {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (isIP(bare) !== 0) return { kind: 'address', address: bare };
  const looked: Promise<ResolvedHost> = lookup(bare).then(
    ({ address }) => ({ kind: 'address', address }),
    (error: Error) => ({ kind: 'error', reason: `Cannot resolve ${bare}: ${error.message}` }),
  );
  return Promise.race([looked, deadlineOf(signal, looked)]);
}

function deadlineOf(signal: AbortSignal, looked: Promise<unknown>): Promise<ResolvedHost> {
  return new Promise((resolve) => {
    const give = () => resolve({ kind: 'deadline', lingering: looked.then(() => undefined) });
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
