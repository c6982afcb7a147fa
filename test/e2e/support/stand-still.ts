// Makes a prober stand still as a machine that is suspended does, and never in the middle of a write: whoever is stopped with the lock
// of an SQLite store in its hands keeps it from everybody (https://sqlite.org/wal.html), and no other prober could go on.
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import type { ProberProcess } from './prober-run.ts';
import { waitUntil } from './wait-until.ts';

/** Time for a write to end. */
const WRITE_MS = 30;

/** Resolves when it stands still and others can write. */
export async function standStill(cluster: Cluster, prober: ProberProcess): Promise<void> {
  await waitUntil('a prober to stand still between two writes', async () => {
    process.kill(prober.pid, 'SIGSTOP');
    await waitUntil('it to stand still', () => prober.isStopped());
    if (!isWriting(cluster, prober.pid)) return true;
    process.kill(prober.pid, 'SIGCONT');
    await sleep(WRITE_MS);
    return false;
  });
}

/** Locks are listed by process and inode, see proc_locks(5). */
function isWriting(cluster: Cluster, pid: number): boolean {
  const { ino } = statSync(cluster.path('var', 'oneup.db-shm'));
  const locks = readFileSync('/proc/locks', 'utf8').split('\n');
  return locks.some((line) => line.includes(` WRITE ${pid} `) && line.includes(`:${ino} `));
}
