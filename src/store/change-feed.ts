// Turns the change log into the events of one watch: in order, each once, and `resync` whenever something may have been
// missed. It asks for the next page only when the consumer wants more, so a slow consumer costs no memory.
import { OneupError } from '../base/oneup-error.ts';
import type { WatchEvent } from '../ports/store.ts';
import { type ChangeCursor, type ChangePage, SEQ_END } from './store-backend.ts';
import type { WakeList } from './wake-list.ts';

export type ChangeFeedOptions = {
  readonly fromRevision: number;
  readonly read: (cursor: ChangeCursor) => Promise<ChangePage>;
  readonly wakes: WakeList;
  readonly signal: AbortSignal;
};

/** Ends when the signal aborts. Never throws for a store that is away: it falls silent, and says `resync` afterwards (S6). */
export async function* changeFeed({
  fromRevision,
  read,
  wakes,
  signal,
}: ChangeFeedOptions): AsyncGenerator<WatchEvent> {
  let cursor: ChangeCursor | null = { revision: fromRevision, seq: SEQ_END };
  while (!signal.aborted) {
    const known = wakes.wakeCount();
    const page = await readOrNull(read, cursor ?? { revision: -1, seq: SEQ_END });
    if (page === null) {
      // Whatever happened meanwhile may be beyond the log, so the position is given up (S6).
      cursor = null;
    } else {
      if (page.kind === 'trimmed') yield { kind: 'resync' };
      else for (const change of page.changes) if (!signal.aborted) yield change;
      cursor = page.next;
      if (page.kind === 'changes' && page.changes.length > 0) continue;
    }
    await wakes.waitAfter(known, signal);
  }
}

async function readOrNull(read: ChangeFeedOptions['read'], cursor: ChangeCursor): Promise<ChangePage | null> {
  try {
    return await read(cursor);
  } catch (error) {
    if (error instanceof OneupError) return null;
    throw error;
  }
}
