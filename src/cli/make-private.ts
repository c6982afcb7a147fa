// The guard's memory tells what was done to which node, as the store does; only its owner may read it.
import { chmod } from 'node:fs/promises';

const OWNER_ONLY = 0o600;
/** SQLite gives the files beside its own the same mode, but not those that are there already. */
const SUFFIXES = ['', '-wal', '-shm'] as const;

/** Leaves files alone that are not there, or belong to another user. */
export async function makePrivate(databasePath: string): Promise<void> {
  await Promise.all(SUFFIXES.map((suffix) => chmod(databasePath + suffix, OWNER_ONLY).catch(() => undefined)));
}
