// A latch makes the first write of a name conditional (S26). There is no ownership TXT yet whose id could guard the batch, and the
// API takes two records with different contents side by side. It refuses two equal ones, though: so a text with one fixed content
// is posted first, and the batch deletes it. Of all writers that saw it only one finds it; a late one finds nothing.
import type { DomainName } from '../../src/base/ids.ts';
import type { Secret } from '../../src/base/secret.ts';
import type { Rrset } from '../../src/dns/rrset.ts';
import { ownershipName } from '../../src/plan/ownership.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import type { ApplyResult } from '../../src/ports/dns-provider.ts';
import { callFault } from './call-fault.ts';
import type { CloudflareClient } from './client.ts';
import { apiName, LATCH_VALUE } from './records.ts';

const LATCH_TTL_SECONDS = 60;

export type LatchPlace = {
  readonly client: CloudflareClient;
  readonly secrets: readonly Secret[];
  readonly zoneId: string;
  readonly signal: AbortSignal;
};

/** Beside the text that the batch creates, or where the ownership of its first name stands. */
export function latchName(changes: readonly RrsetChange[]): DomainName {
  const targets = changes.map(({ before, after }) => (after ?? before) as Rrset);
  return targets.find(({ type }) => type === 'TXT')?.name ?? ownershipName((targets[0] as Rrset).name);
}

/** Posts the latch, or finds that of another writer; takes its own away again unless the write did so or may still do so. */
export async function withLatch(
  name: DomainName,
  place: LatchPlace,
  write: () => Promise<ApplyResult>,
): Promise<ApplyResult> {
  const id = await post(name, place);
  let result: ApplyResult | null = null;
  try {
    result = await write();
    return result;
  } finally {
    const isUsed = result?.kind === 'applied' || (result?.kind === 'failed' && result.applied === 'unknown');
    if (id !== null && !isUsed) await remove(id, place);
  }
}

/** The id of the latch, or null when another writer has posted it. */
async function post(name: DomainName, { client, secrets, ...place }: LatchPlace): Promise<string | null> {
  const record = { name: apiName(name), type: 'TXT', content: LATCH_VALUE, ttl: LATCH_TTL_SECONDS } as const;
  try {
    return (await client.post(record, place)).id;
  } catch (error) {
    if (callFault(error, secrets).isOutrun) return null;
    throw error;
  }
}

/** A latch that stays is not listed, guards nothing by itself and goes with the next write: failing here does no harm. */
async function remove(id: string, { client, secrets, ...place }: LatchPlace): Promise<void> {
  try {
    await client.remove(id, place);
  } catch (error) {
    callFault(error, secrets);
  }
}
