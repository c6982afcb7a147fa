// Where the guard of exec actions keeps its memory: beside the store file, so that every process that shares the store shares
// the steps, whatever directory its configuration lies in (S12, S13).
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The path without symbolic links where the store exists already; its directory alone where it does not. */
export function guardPath(storePath: string): string {
  return `${resolved(storePath)}.guard`;
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // No store yet.
  }
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
