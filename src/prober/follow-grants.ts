// Follows the grants of services whose agents may ask this process for its word (S37), and tells in the store that it does, and
// which epochs it refuses from now on: on that a controller may rest the wait for a lease (S15).
import type { ClaimBook, KnownGrant } from '../base/claim-book.ts';
import { formatClaimRecord } from '../base/claim-record.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, ServiceConfig } from '../config/config.ts';
import type { StoreView } from '../ports/store-view.ts';

export type FollowGrantsOptions = {
  readonly view: StoreView;
  readonly keys: StoreKeys;
  readonly config: Pick<Config, 'services'>;
  readonly prober: string;
  /** Of the store as this life of the roles found it. */
  readonly generation: number;
  readonly book: ClaimBook;
  readonly report: (key: string, value: string | null) => void;
  readonly signal: AbortSignal;
};

/** Until the signal aborts. */
export function followGrants(options: FollowGrantsOptions): void {
  const { view, keys, config, prober, generation, book, report, signal } = options;
  for (const { id } of config.services.filter(asksPeers)) {
    const follow = () => {
      // Of an older generation than was seen here nothing is told, and so nobody asks this process (S4).
      if (!book.enter(generation)) return;
      book.note(id, parseGrant(view.get(keys.grant(id))?.value));
      // Only after the book has it: whoever reads this may begin to count.
      report(keys.claim(id, prober), formatClaimRecord(book, id));
    };
    const stop = view.onChange(keys.grant(id), follow);
    signal.addEventListener('abort', stop, { once: true });
    follow();
  }
}

function asksPeers({ nodes }: ServiceConfig): boolean {
  return nodes.some(({ agent }) => agent?.onStoreLoss === 'stayIfPeersAgree');
}

/** null for what cannot be read: then every claim is refused. */
function parseGrant(text: string | undefined): KnownGrant | null {
  if (text === undefined) return null;
  try {
    const { node, epoch, revoked } = JSON.parse(text) as Partial<KnownGrant>;
    if (typeof node !== 'string' || !Number.isSafeInteger(epoch)) return null;
    return { node, epoch: Number(epoch), revoked: revoked !== false };
  } catch {
    return null;
  }
}
