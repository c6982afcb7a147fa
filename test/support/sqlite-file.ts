// A store file in a directory of its own, with the real clock, for tests that take the file apart.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/open-sqlite-store.ts';
import { type StartedChild, startChild } from './start-child.ts';

const CHILD = fileURLToPath(new URL('./sqlite-child.ts', import.meta.url));

export type SqliteFile = AsyncDisposable & {
  readonly directory: string;
  readonly path: string;
  /** One more connection; closed with the file. */
  readonly open: (options?: Partial<SqliteStoreOptions>) => Promise<Store>;
  /** A process that uses the file, see sqlite-child.ts. */
  readonly child: (role: string, amount?: number) => StartedChild;
  /** The same, started by a shell that first runs `limits`. */
  readonly limitedChild: (limits: string, role: string) => StartedChild;
  /** Waits until `isTrue`, for at most a minute. */
  readonly until: (isTrue: () => Promise<boolean> | boolean) => Promise<void>;
};

export function makeSqliteFile(): SqliteFile {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-file-'));
  const path = join(directory, 'oneup.db');
  const resources = new AsyncDisposableStack();
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  const clock = resources.use(createSystemClock());

  return {
    directory,
    path,
    open: async (options) => {
      const defaults = { path, create: true, clock, bounds: { rho: 0.01, marginMs: 50 } };
      return resources.use(await openSqliteStore({ ...defaults, ...options }));
    },
    child: (role, amount = 0) => resources.use(startChild([process.execPath, CHILD, role, path, String(amount)])),
    limitedChild: (limits, role) =>
      resources.use(startChild(['/bin/sh', '-c', `${limits}; exec "$0" "$@"`, process.execPath, CHILD, role, path])),
    until: async (isTrue) => {
      const signal = new AbortController().signal;
      const giveUpAtMonoMs = clock.monotonicMs() + 60_000;
      while (!(await isTrue())) {
        if (clock.monotonicMs() > giveUpAtMonoMs) throw new Error('Cannot wait any longer: 60 s have passed');
        await clock.sleep(5, { signal });
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
