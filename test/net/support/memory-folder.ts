// Folders of programs that write to disk before they answer: in memory where there is such a place, because a busy disk would
// otherwise decide how a test of the network ends. Nothing here loses power, so nothing is lost with it.
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';

export function makeMemoryFolder(path: string): void {
  if (existsSync(IN_MEMORY)) symlinkSync(mkdtempSync(join(IN_MEMORY, 'oneup-net-')), path);
  else mkdirSync(path);
}

/** Safe for one that was never made. */
export function removeMemoryFolder(path: string): void {
  if (existsSync(path)) rmSync(realpathSync(path), { recursive: true, force: true });
}
