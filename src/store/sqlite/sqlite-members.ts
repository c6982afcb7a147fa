// The one member of a SQLite store: the file. Only looked at by path: to open and close it would drop the locks that this
// process holds on it (file-watcher.ts).
import { stat } from 'node:fs/promises';
import type { StoreMember } from '../../ports/store-member.ts';
import { type AskLimits, askMembers } from '../ask-members.ts';
import { answerOf } from '../member-fault.ts';

/** What was written last lies in the second until it is taken over into the first. */
const SUFFIXES = ['', '-wal'] as const;

/** Never rejects. */
export function askSqliteMembers(path: string, limits: AskLimits): Promise<readonly StoreMember[]> {
  return askMembers([{ name: path, ask: () => lookAt(path) }], limits);
}

async function lookAt(path: string) {
  const sizes = await Promise.all(SUFFIXES.map((suffix) => sizeOf(`${path}${suffix}`)));
  if (sizes[0] === null) return answerOf('silent', 'there is no such file');
  const bytes = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return { ...answerOf('answers'), version: process.versions.sqlite ?? null, bytes };
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
