// Notices that the store file is no longer the file that was opened: deleted, replaced, or cut off (S4). SQLite itself would
// go on reading and writing a file without a name, which nobody else sees.
//
// The file is looked at by path only. Opening and closing it here would drop the locks that SQLite holds on it: POSIX
// advisory locks belong to the process, not to the descriptor.
import { statSync } from 'node:fs';
import type { Clock } from '../../base/clock.ts';
import { OneupError } from '../../base/oneup-error.ts';

/** Reads and polls trust the last look for this long; commits never do. */
const TRUSTED_FOR_MS = 100;
/** With write-ahead logging these three files together are the database; without one of them commits are lost. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

type Identity = { readonly path: string; readonly device: bigint; readonly inode: bigint };

export class FileWatcher {
  readonly #clock: Clock;
  readonly #path: string;
  readonly #identities: readonly Identity[];
  readonly #proveWhole: () => void;
  /** SQLite never shrinks a file on its own; an operator's VACUUM does, and is accepted once the content is proved whole. */
  #largestBytes = 0n;
  /** Null after a look that failed: the next call looks again. */
  #trustedUntilMonoMs: number | null = null;

  /** To be created right after the connection was opened and has read once. `proveWhole` throws when pages are missing. */
  constructor(path: string, { clock, proveWhole }: { readonly clock: Clock; readonly proveWhole: () => void }) {
    this.#clock = clock;
    this.#path = path;
    this.#proveWhole = proveWhole;
    this.#identities = SUFFIXES.map((suffix) => identify(path + suffix));
  }

  /** Throws ONEUP_STORE_LOST unless the watched file is `inode`, as it was seen before the connection was opened. */
  assertIs(inode: bigint): void {
    if (this.#identities[0]?.inode !== inode) throw lost(this.#path, 'it was replaced while it was opened');
  }

  /** Throws ONEUP_STORE_LOST or ONEUP_STORE_CORRUPT unless the store is the file that was opened, as of at most 100 ms ago. */
  checkRecent(): void {
    if (this.#trustedUntilMonoMs === null || this.#clock.monotonicMs() >= this.#trustedUntilMonoMs) this.checkNow();
  }

  /** Like `checkRecent`, as of now. */
  checkNow(): void {
    this.#trustedUntilMonoMs = null;
    const until = this.#clock.monotonicMs() + TRUSTED_FOR_MS;
    for (const identity of this.#identities) {
      const stat = statOf(identity.path);
      if (stat === null) throw lost(identity.path, 'it was deleted');
      if (stat.ino !== identity.inode || stat.dev !== identity.device) {
        throw lost(identity.path, `it was replaced, inode is ${stat.ino} and was ${identity.inode}`);
      }
      if (identity.path === this.#path) this.#checkSize(stat.size);
    }
    this.#trustedUntilMonoMs = until;
  }

  #checkSize(bytes: bigint): void {
    if (bytes < this.#largestBytes) this.#proveWhole();
    this.#largestBytes = bytes;
  }
}

/** Inode of the file at `path`. */
export function inodeOf(path: string): bigint {
  return identify(path).inode;
}

function identify(path: string): Identity {
  const stat = statOf(path);
  if (stat === null) throw lost(path, 'it vanished while it was opened');
  return { path, device: stat.dev, inode: stat.ino };
}

function statOf(path: string): ReturnType<typeof statBig> | null {
  try {
    return statBig(path);
  } catch (cause) {
    throw new OneupError('ONEUP_STORE_LOST', `Cannot use store: its path cannot be followed, value was ${path}`, {
      cause,
    });
  }
}

function statBig(path: string) {
  return statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
}

function lost(path: string, reason: string): OneupError {
  return new OneupError('ONEUP_STORE_LOST', `Cannot use store: ${reason}, value was ${path}`);
}
