// Guarded changes as one change batch: a DELETE of all that is replaced, exactly as it is, and a CREATE of what comes after it.
// The DELETE is the condition (S26, S27): Route 53 refuses the whole batch when one value, TTL or text is another one.
import type { Change, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { type Rrset, rrsetKeyText } from '../../src/dns/rrset.ts';
import type { RrsetChange } from '../../src/plan/rrset-change.ts';
import { BATCH_CHARACTERS_MAX, BATCH_RECORDS_MAX, WEIGHT_MAX, WEIGHTED_SETS_MAX } from './capabilities.ts';
import { type Held, writeSets } from './record-sets.ts';

/** What replaces and creates; `listed` has the spelling of Route 53 for what is deleted, where it is known. */
export function changeBatch(changes: readonly RrsetChange[], listed: Held['listed'] = new Map()): Change[] {
  const deleted = changes.flatMap(({ before }) => (before === null ? [] : spelled(before, listed)));
  const created = changes.flatMap(({ after }) => (after === null ? [] : writeSets(after)));
  // All removals first: a CNAME stands alone (RFC 1034 section 3.6.2), and so do groups of another routing policy.
  return [...toChanges('DELETE', deleted), ...toChanges('CREATE', created)];
}

function spelled(before: Rrset, listed: Held['listed']): readonly ResourceRecordSet[] {
  return listed.get(rrsetKeyText(before)) ?? writeSets(before);
}

function toChanges(Action: 'DELETE' | 'CREATE', sets: readonly ResourceRecordSet[]): readonly Change[] {
  return sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet }));
}

/** Why Route 53 would never take these changes, or null. */
export function refuseBatch(changes: readonly RrsetChange[]): string | null {
  for (const { after } of changes) {
    if (after?.weights === undefined) continue;
    const key = rrsetKeyText(after);
    if (after.values.length > WEIGHTED_SETS_MAX)
      return `${key}: Route 53 takes at most ${WEIGHTED_SETS_MAX} weighted values`;
    const wrong = after.weights.find((weight) => weight > WEIGHT_MAX);
    if (wrong !== undefined) return `${key}: Route 53 takes weights from 1 to ${WEIGHT_MAX}, value was ${wrong}`;
  }
  const batch = changeBatch(changes);
  const values = batch.flatMap(({ ResourceRecordSet: set }) => set?.ResourceRecords ?? []);
  if (Math.max(batch.length, values.length) > BATCH_RECORDS_MAX)
    return `a batch holds at most ${BATCH_RECORDS_MAX} records`;
  const characters = values.reduce((sum, { Value = '' }) => sum + Value.length, 0);
  return characters > BATCH_CHARACTERS_MAX
    ? `a batch holds at most ${BATCH_CHARACTERS_MAX} characters of values`
    : null;
}
