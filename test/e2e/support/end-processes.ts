// Ends everything that a test cluster left running: runners, scripts and instances are children of children, and all of them
// work in the directory of their cluster. Each is ended by its process id.
import { readdirSync, readlinkSync } from 'node:fs';
import { waitUntil } from './wait-until.ts';

/** Looks until nothing works in `directory` any more, because a script may start something at the last moment. */
export async function endProcessesIn(directory: string): Promise<void> {
  await waitUntil(`the processes in ${directory} to end`, () => {
    const pids = processesIn(directory);
    for (const pid of pids) endQuietly(pid);
    return pids.length === 0;
  });
}

export function processesIn(directory: string): readonly number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => directoryOf(pid) === directory).map(Number);
}

/** Empty for a process that has ended meanwhile, or belongs to somebody else. */
function directoryOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
