// The record `budget/<account>`: the calls that its controller had left when it wrote it down, and those that people have started
// since, in commands that no controller makes. The controller takes them off its bucket when it next writes.

import { z } from 'zod';
import type { ExternalProviderConfig } from '../config/provider-config.ts';
import type { Store, StoreEntry } from '../ports/store.ts';

const recordSchema = z.object({ level: z.number(), owed: z.number().min(0).default(0) });

export type AccountRecord = z.infer<typeof recordSchema>;

/** A lost race is written again this often; calls that are not counted after that are in the other half of the provider's limit. */
const WRITES_MAX = 3;

/** Null where there is none, or it is damaged. */
export function accountRecord(entry: StoreEntry | null): AccountRecord | null {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(entry?.value ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

export type Charging = {
  readonly store: Store;
  readonly uniqueId: () => string;
  /** Key of `budget/<account>`. */
  readonly keyOf: (account: string) => string;
};

/** Counts calls that a person has started. Never rejects, and holds nobody up: such calls are few, and are made in any case. */
export async function chargeAccount(
  { store, uniqueId, keyOf }: Charging,
  { account, budget }: Pick<ExternalProviderConfig, 'account' | 'budget'>,
  cost: number,
): Promise<void> {
  if (budget === null || cost === 0) return;
  const key = keyOf(account);
  for (let writes = 0; writes < WRITES_MAX; writes += 1) {
    try {
      const entry = await store.get(key);
      const { level, owed } = accountRecord(entry) ?? { level: budget.reserve, owed: 0 };
      const guard =
        entry === null
          ? ({ kind: 'absent', key } as const)
          : ({ kind: 'version', key, version: entry.version } as const);
      const put = { kind: 'put', key, value: JSON.stringify({ level, owed: owed + cost }) } as const;
      const result = await store.commit({ guards: [guard], writes: [put], token: uniqueId() });
      // One of unknown outcome is not written twice: it is a few calls.
      if (result.kind !== 'conflict') return;
    } catch {
      return;
    }
  }
}
