// Runs the test files of several rooms in the process of the caller: they share nothing, and one start is quicker than fifty.
// Each of the files runs by itself as well, such as: node --test test/unit/dns/name.test.ts
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../house/source-tree.ts';

/** Throws when a pattern finds nothing, because a room that has moved would go untested in silence. */
export async function importTests(patterns: readonly string[]): Promise<void> {
  for (const pattern of patterns) {
    const files = globSync(pattern, { cwd: REPOSITORY }).sort();
    if (files.length === 0) throw new Error(`Cannot find tests: ${pattern} matches no file`);
    for (const file of files) await import(join(REPOSITORY, file));
  }
}
