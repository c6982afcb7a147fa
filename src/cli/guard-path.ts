// Where the guard of exec actions keeps its memory: beside the store file, so that every process that shares the store shares
// the steps, whatever directory its configuration lies in (S12, S13). A store that is no file has it in the state directory.
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ClusterConfig } from '../config/config.ts';

/** The path without symbolic links where the store exists already; its directory alone where it does not. */
export function guardPath({ name, store, stateDir }: Pick<ClusterConfig, 'name' | 'store' | 'stateDir'>): string {
  return `${resolved(store.kind === 'sqlite' ? store.path : join(stateDir, name))}.guard`;
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
