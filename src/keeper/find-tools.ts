// Finds the programs of util-linux and coreutils that the keeper works with, by absolute path: the environment of a service
// must not decide what they are.
import { accessSync, constants, realpathSync } from 'node:fs';

const NAMES = ['setpriv', 'unshare', 'nsenter', 'setsid', 'cat', 'sh'] as const;
const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

export type Tools = Readonly<Record<(typeof NAMES)[number], string>>;

/** The first name that is missing, or all paths. */
export function findTools(): Tools | { readonly missing: string } {
  const found = NAMES.map((name) => [name, findProgram(name)] as const);
  const missing = found.find(([, path]) => path === null);
  return missing === undefined ? (Object.fromEntries(found) as Tools) : { missing: missing[0] };
}

export function findProgram(name: string): string | null {
  for (const folder of FOLDERS) {
    try {
      accessSync(`${folder}/${name}`, constants.X_OK);
      return realpathSync(`${folder}/${name}`);
    } catch {
      // Not in this folder; the next may have it.
    }
  }
  return null;
}
