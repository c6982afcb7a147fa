// The store of a run: the memory engine behind lines that can be cut, with outages and a backup that can be restored. Clients
// are the real ones (sessions, watches, expiry), so what is simulated is only the server and the way to it.
import { OneupError } from '../../src/base/oneup-error.ts';
import type { CommitRequest, CommitResult, Store, StoreEntry } from '../../src/ports/store.ts';
import { EmbeddedStore, type EmbeddedStoreOptions } from '../../src/store/embedded-store.ts';
import { MemoryState } from '../../src/store/memory/memory-state.ts';
import type { StoreBackend } from '../../src/store/store-backend.ts';

/** One client's way to the store and back. */
export type StoreLine = {
  readonly canSend: () => boolean;
  readonly canHear: () => boolean;
  readonly onContact: () => void;
};

/** Short, so that watches that fall behind meet a `resync`. */
const LOG_REVISIONS_MAX = 250;

export class SimEngine {
  isDown = false;
  #state: MemoryState;
  #backup: MemoryState | null = null;
  #isBackupGrowing = false;
  /** Raised by a restore: whoever had the old file open has lost it. */
  #file = 0;
  readonly #logRevisionsMax: number;

  constructor({ logRevisionsMax = LOG_REVISIONS_MAX }: { readonly logRevisionsMax?: number } = {}) {
    this.#logRevisionsMax = logRevisionsMax;
    this.#state = new MemoryState(logRevisionsMax);
  }

  connect(line: StoreLine, options: EmbeddedStoreOptions): Store {
    return new EmbeddedStore(this.#backend(line, this.#file), options);
  }

  /** From now on a copy grows along; `endBackup` leaves it as it is then. To be called before the first write. */
  beginBackup(): void {
    this.#backup = new MemoryState(this.#logRevisionsMax);
    this.#isBackupGrowing = true;
  }

  endBackup(): void {
    this.#isBackupGrowing = false;
  }

  /** The copy takes the place of everything written since (S4). */
  restore(): void {
    if (this.#backup === null) throw new RangeError('Cannot restore: there is no backup');
    this.#state = this.#backup;
    this.#isBackupGrowing = false;
    this.#file += 1;
  }

  /** What is really there, for checkers and for the operator's eye. */
  get(key: string): StoreEntry | null {
    return this.#state.get(key);
  }

  /** A request that comes when its sender does not expect it any more. */
  commit(request: CommitRequest): CommitResult {
    return this.#change((state) => state.commit(request));
  }

  isWritten(token: string): boolean {
    return this.#state.outcomeOf(token) === 'committed';
  }

  #change<T>(run: (state: MemoryState) => T): T {
    const result = run(this.#state);
    if (this.#isBackupGrowing && this.#backup !== null) run(this.#backup);
    return result;
  }

  #backend(line: StoreLine, file: number): StoreBackend {
    const ask = <T>(run: () => T): T => {
      if (this.isDown || file !== this.#file || !line.canSend()) throw unreachable();
      const answer = run();
      if (!line.canHear()) throw unreachable();
      line.onContact();
      return answer;
    };
    const now = () => this.#state;
    return {
      kind: 'simulated',
      revision: () => ask(() => now().revision()),
      get: (key) => ask(() => now().get(key)),
      list: (prefix) => ask(() => now().list(prefix)),
      outcomeOf: (token) => ask(() => now().outcomeOf(token)),
      changesAfter: (prefix, cursor) => ask(() => now().changesAfter(prefix, cursor)),
      sessions: () => ask(() => now().sessions()),
      insertSession: (session) => ask(() => this.#change((state) => state.insertSession(session))),
      renewSession: (session) => ask(() => this.#change((state) => state.renewSession(session))),
      removeSession: (session, beat) => ask(() => this.#change((state) => state.removeSession(session, beat))),
      commit: (request) => {
        if (this.isDown || file !== this.#file || !line.canSend()) throw unreachable();
        const answer = this.commit(request);
        if (!line.canHear()) return { kind: 'unknown', cause: unreachable() };
        line.onContact();
        return answer;
      },
      close: () => {},
    };
  }
}

function unreachable(): OneupError {
  return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot reach the simulated store: the line is cut');
}
