// Old operations go at night: a coarse job of the controller, so node-cron runs it. Journals go with their history.
import cron from 'node-cron';
import type { StoreKeys } from '../base/store-keys.ts';
import type { ServiceConfig } from '../config/config.ts';
import type { Logger } from '../ports/logger.ts';
import type { Store, StoreWrite } from '../ports/store.ts';

export type RetentionOptions = {
  readonly store: Store;
  readonly keys: StoreKeys;
  readonly services: readonly ServiceConfig[];
  readonly logger: Logger;
  readonly isLeading: () => boolean;
};

/** Operations kept for each service. */
const HISTORY_KEPT = 200;
const NIGHTLY = '17 3 * * *';

export function startRetention(options: RetentionOptions): { readonly stop: () => void } {
  const task = cron.schedule(
    NIGHTLY,
    async () => {
      if (!options.isLeading()) return;
      for (const service of options.services) {
        const removed = await pruneHistory(options, service.id);
        if (removed > 0) options.logger.info({ service: service.id, removed }, 'old operations are forgotten');
      }
    },
    { name: 'retention', noOverlap: true },
  );
  return { stop: () => void task.destroy() };
}

/** Removes all but the newest operations of a service, with their journals; returns how many. Safe to repeat. */
export async function pruneHistory(
  { store, keys }: Pick<RetentionOptions, 'store' | 'keys'>,
  service: string,
): Promise<number> {
  const prefix = keys.histories(service);
  const { entries } = await store.list(prefix);
  const old = [...entries].sort((a, b) => b.version - a.version).slice(HISTORY_KEPT);
  for (const { key } of old) {
    const journal = await store.list(keys.journal(service, key.slice(prefix.length)));
    const writes = [...journal.entries.map((entry) => entry.key), key].map(
      (gone): StoreWrite => ({ kind: 'delete', key: gone }),
    );
    await store.commit({ guards: [], writes, token: `retention-${key}` });
  }
  return old.length;
}
