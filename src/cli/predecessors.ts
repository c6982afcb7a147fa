// Which processes of this prober have certainly ended (S37): each holds a lock for as long as it lives, and only then writes its name
// down, so whoever has the lock knows that all names before its own are of the dead. On a local disk, as all state is.
import { closeSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { holdLock } from '../keeper/hold-lock.ts';
import type { Logger } from '../ports/logger.ts';

export type Predecessors = Disposable & { readonly ended: readonly string[] };

/** Older ones are in no lease any more. */
const NAMES_MAX = 16;

/** Nobody is known to have ended where the lock, or the file, cannot be had: that is only less of a proof. */
export function succeedPredecessors(
  folder: string,
  { peer, logger }: { readonly peer: string; readonly logger: Logger },
): Predecessors {
  try {
    const lock = holdLock(join(folder, 'claims.lock'));
    const file = join(folder, 'claims.json');
    const ended = readNames(file);
    writeFileSync(`${file}.new`, JSON.stringify([...ended, peer].slice(-NAMES_MAX)), { mode: 0o600 });
    renameSync(`${file}.new`, file);
    return { ended, [Symbol.dispose]: () => closeSync(lock) };
  } catch (error) {
    logger.warn({ err: error }, 'after a restart of all probers no lease proves anything until it was renewed again');
    return { ended: [], [Symbol.dispose]: () => undefined };
  }
}

/** Empty for a file that is not there, or damaged. */
function readNames(file: string): readonly string[] {
  try {
    const names: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : [];
  } catch {
    return [];
  }
}
