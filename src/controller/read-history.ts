// Operations that have ended, and the journal of any operation: asked of the store itself, because no copy keeps them. A record
// that cannot be read hides no other: it is left out of a history, and named in a journal.
import { z } from 'zod';
import type { OpId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { HistoryEntry, JournalEntry } from '../failover/machine-effect.ts';
import { OPERATION_KINDS } from '../failover/operation.ts';
import type { Store, StoreEntry } from '../ports/store.ts';

type HistoryDeps = { readonly store: Store; readonly keys: StoreKeys };

/** Newest first, at most `limit`. */
export async function readHistory(
  { store, keys }: HistoryDeps,
  { service, limit }: { readonly service: ServiceId; readonly limit: number },
): Promise<readonly HistoryEntry[]> {
  const { entries } = await store.list(keys.histories(service));
  return [...entries]
    .sort((a, b) => b.version - a.version)
    .flatMap(({ value }) => (parsed(historySchema, value) as HistoryEntry | null) ?? [])
    .slice(0, limit);
}

/** In the order in which it was written. */
export async function readJournal(
  { store, keys }: HistoryDeps,
  { service, opId }: { readonly service: ServiceId; readonly opId: OpId },
): Promise<readonly JournalEntry[]> {
  const { entries } = await store.list(keys.journal(service, opId));
  return entries.map(
    (entry) => (parsed(journalSchema, entry.value) as JournalEntry | null) ?? damagedEntry(entry, opId),
  );
}

/** What those who read rely on; the rest is for people and comes along as it is. */
const historySchema = z.looseObject({
  op: z.looseObject({
    opId: z.string(),
    kind: z.enum(OPERATION_KINDS),
    from: z.string().nullable(),
    to: z.string().nullable(),
    startedWallMs: z.number(),
    phases: z.array(z.looseObject({ phase: z.string(), durationMs: z.number() })),
  }),
  outcome: z.string(),
  summary: z.string(),
});
const journalSchema = z.looseObject({
  seq: z.number(),
  kind: z.string(),
  phase: z.string(),
  wallMs: z.number(),
  text: z.string(),
  rules: z.array(z.string()),
  evidence: z.looseObject({}),
});

function parsed(schema: z.ZodType, text: string): unknown {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function damagedEntry({ key }: StoreEntry, opId: OpId): JournalEntry {
  const seq = Number(key.slice(key.lastIndexOf('/') + 1)) || 0;
  const text = `The record ${key} of this journal is damaged and cannot be read`;
  return {
    opId,
    seq,
    kind: 'NOTE',
    phase: 'PLAN',
    wallMs: 0,
    term: 0,
    text,
    rules: ['S7.record-damaged'],
    evidence: {},
  };
}
