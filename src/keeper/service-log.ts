// The log file of a service: its output goes straight into the file, so that nobody can block it, and the keeper keeps the file
// small by copying its end aside and emptying it. What is written between the two is lost.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** One file in use and one set aside: a service that prints for ever takes twice this, and what it prints in one second. */
const LOG_MAX_BYTES = 10 * 1_024 * 1_024;

/** Append, so that emptying the file moves every writer to its new end; never through a link that somebody else left. */
const FLAGS = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;

export function openLog(path: string): Promise<FileHandle> {
  return open(path, FLAGS, 0o600);
}

/** Rejects when the file cannot be read or set aside; it is then as it was. */
export async function trimLog(path: string, bytesMax: number = LOG_MAX_BYTES): Promise<boolean> {
  await using log = await openLog(path);
  const { size } = await log.stat();
  if (size <= bytesMax) return false;
  const aside = await open(`${path}.1`, FLAGS | constants.O_TRUNC, 0o600);
  const source = log.createReadStream({ start: size - bytesMax, end: size - 1, autoClose: false });
  await pipeline(source, aside.createWriteStream());
  await log.truncate(0);
  return true;
}
