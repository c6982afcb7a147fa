// Turns the change log into the events of one watch: in order, each once, and `resync` whenever something may have been
// missed. It asks for the next page only when the consumer wants more, so a slow consumer costs no memory.
import { OneupError } from '../base/oneup-error.ts';
import type { WatchEvent } from '../ports/store.ts';
import { type Change, type ChangeCursor, type ChangePage, SEQ_END } from './store-backend.ts';
import type { WakeList } from './wake-list.ts';

export type ChangeFeedOptions = {
  readonly fromRevision: number;
  readonly read: (cursor: ChangeCursor) => Promise<ChangePage>;
  /** How often reading stopped working so far, whoever found out. */
  readonly readBreaks: () => number;
  readonly wakes: WakeList;
  readonly signal: AbortSignal;
};

/** Before the first revision: the engine answers that its log does not reach back so far. */
const LOST_POSITION: ChangeCursor = { revision: -1, seq: SEQ_END };

/** Ends when the signal aborts. Never throws for a store that is away: it falls silent, and says `resync` afterwards (S6). */
export async function* changeFeed(options: ChangeFeedOptions): AsyncGenerator<WatchEvent> {
  const { read, readBreaks, wakes, signal } = options;
  let cursor: ChangeCursor = { revision: options.fromRevision, seq: SEQ_END };
  let breaksSeen = readBreaks();
  // One change is held back until the next one, or the end of the log, says whether its revision is complete.
  let held: Change | null = null;
  while (!signal.aborted) {
    const known = wakes.wakeCount();
    const breaks = readBreaks();
    // What happened while the store was away is derived anew by the consumer, not pieced together here (S6).
    const page = await readOrNull(read, breaks === breaksSeen ? cursor : LOST_POSITION);
    if (page !== null) {
      if (page.kind === 'trimmed') {
        held = null;
        yield { kind: 'resync' };
      } else {
        for (const change of page.changes) {
          if (held !== null && !signal.aborted) yield { ...held, isLast: held.revision !== change.revision };
          held = change;
        }
        if (page.changes.length === 0 && held !== null && !signal.aborted) {
          const last: Change = held;
          held = null;
          yield { ...last, isLast: true };
        }
      }
      cursor = page.next;
      breaksSeen = breaks;
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
