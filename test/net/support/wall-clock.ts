// A wall clock of one process that can be stepped while it runs, by libfaketime. The clock that counts time stays true, and so
// does the one of the machine.
import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LIBRARIES = '/usr/lib';

/** Variables under which a process reads its offset from `file`. */
export function ownWallClock(file: string): Readonly<Record<string, string>> {
  stepWallClock(file, 0);
  return {
    LD_PRELOAD: findLibrary(),
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** The offset from the true time, from now on. */
export function stepWallClock(file: string, offsetSeconds: number): void {
  writeFileSync(`${file}.new`, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
  renameSync(`${file}.new`, file);
}

function findLibrary(): string {
  const paths = ['', ...readdirSync(LIBRARIES)].map((part) => join(LIBRARIES, part, 'faketime/libfaketimeMT.so.1'));
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) throw new Error('Cannot find libfaketime: install the Debian package faketime');
  return found;
}
