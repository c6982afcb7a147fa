// The latest changes of an engine that pushes them: what a watch reads. Bounded in revisions and in bytes; whoever asks for
// what is no longer there is told so and lists again (S6).
import { CHANGES_PER_PAGE, type Change, type ChangeCursor, type ChangePage, SEQ_END } from './store-backend.ts';

/** Large records (a whole configuration) must not multiply by the number of revisions kept. */
const BYTES_MAX = 64 * 1024 * 1024;

type Logged = { readonly revision: number; readonly changes: readonly Change[]; readonly bytes: number };

export class RecentChanges {
  readonly #revisionsMax: number;
  #log: Logged[] = [];
  #bytes = 0;
  /** Everything after this revision, up to `#head`, is in the log. */
  #from: number;
  #head: number;

  /** What happened between `from` and `head` left no trace here: a log that begins empty at `head` may reach back further. */
  constructor({
    head,
    from,
    revisionsMax,
  }: { readonly head: number; readonly from: number; readonly revisionsMax: number }) {
    this.#head = head;
    this.#from = from;
    this.#revisionsMax = revisionsMax;
  }

  /** The revision up to which changes are known. */
  get head(): number {
    return this.#head;
  }

  /** All changes of one revision, in the order in which they count; a revision that is known already is passed over. */
  append(revision: number, changes: readonly Change[]): void {
    if (revision <= this.#head) return;
    this.#head = revision;
    if (changes.length === 0) return;
    const bytes = changes.reduce((sum, change) => sum + (change.kind === 'put' ? change.entry.value.length : 0), 0);
    this.#log.push({ revision, changes, bytes });
    this.#bytes += bytes;
    this.#trim();
  }

  /** Nothing is known about changes before `head` any more. */
  reset(head: number): void {
    this.#log = [];
    this.#bytes = 0;
    this.#from = head;
    this.#head = Math.max(this.#head, head);
  }

  /** Null when the cursor lies ahead of what is known here. */
  page(prefix: string, cursor: ChangeCursor): ChangePage | null {
    const end: ChangeCursor = { revision: this.#head, seq: SEQ_END };
    if (cursor.revision < this.#from) return { kind: 'trimmed', next: end };
    if (cursor.revision > this.#head) return null;
    const changes: Change[] = [];
    for (let at = this.#firstFrom(cursor.revision); at < this.#log.length; at += 1) {
      const { revision, changes: ofRevision } = this.#log[at] as Logged;
      for (const [seq, change] of ofRevision.entries()) {
        if (revision === cursor.revision && seq <= cursor.seq) continue;
        const key = change.kind === 'put' ? change.entry.key : change.key;
        if (!key.startsWith(prefix)) continue;
        changes.push(change);
        if (changes.length === CHANGES_PER_PAGE) return { kind: 'changes', changes, next: { revision, seq } };
      }
    }
    return { kind: 'changes', changes, next: end };
  }

  /** Where the first revision lies that is not before this one. */
  #firstFrom(revision: number): number {
    let [low, high] = [0, this.#log.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#log[middle] as Logged).revision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #trim(): void {
    if (this.#log.length <= this.#revisionsMax && this.#bytes <= BYTES_MAX) return;
    // A tenth more than needed, so that the log is not copied with every change.
    let drop = Math.ceil(this.#revisionsMax / 10);
    let bytes = this.#bytes - this.#log.slice(0, drop).reduce((sum, entry) => sum + entry.bytes, 0);
    while (bytes > BYTES_MAX && drop < this.#log.length) bytes -= (this.#log[drop++] as Logged).bytes;
    const last = this.#log[Math.min(drop, this.#log.length) - 1];
    if (last !== undefined) this.#from = last.revision;
    this.#log = this.#log.slice(drop);
    this.#bytes = Math.max(0, bytes);
  }
}
