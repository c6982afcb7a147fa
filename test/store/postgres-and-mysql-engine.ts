// The two SQL engines as their long tests see them: a server, how to open its stores, and the words in which they differ.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { Store } from '../../src/ports/store.ts';
import type { RemoteBackend } from '../../src/store/remote-backend.ts';
import type { LinkLimits } from '../../src/store/sql/endpoints.ts';
import type { SqlLink } from '../../src/store/sql/sql-link.ts';
import type { SqlBackendOptions, SqlEndpoint, SqlStoreOptions } from '../../src/store/sql/sql-store-options.ts';
import type { Certified } from '../support/servers/certificates.ts';

export type ServerUnderTest = AsyncDisposable & {
  readonly port: number;
  /** As the owner of everything. */
  readonly run: (sql: string) => Promise<void>;
  readonly setStopped: (stopped: boolean) => void;
  readonly killAndRestart: () => Promise<void>;
};

export type Access = Pick<SqlBackendOptions, 'endpoints' | 'database' | 'username' | 'password' | 'tls'>;

export type EngineUnderTest = {
  readonly name: string;
  readonly start: (options?: {
    readonly tls?: Certified;
    readonly settings?: readonly string[];
  }) => Promise<ServerUnderTest>;
  readonly access: (server: { readonly port: number }) => Access;
  readonly openStore: (options: SqlStoreOptions) => Promise<Store>;
  readonly openBackend: (options: SqlBackendOptions) => Promise<RemoteBackend>;
  /** One connection with all the settings that the store gives its own. */
  readonly connect: (endpoint: SqlEndpoint, limits: LinkLimits & { readonly login: Access }) => Promise<SqlLink>;
  /** Quoted name of the counter's table. */
  readonly counter: (cluster: string) => string;
  /** Takes away whatever keeps the revision from being negative, then makes it so. */
  readonly spoilCounter: (cluster: string) => string;
  /** Keeps everybody from reading entries until the connection ends. */
  readonly lockEntries: (cluster: string) => string;
  /** Makes the server refuse the first `times` commits from now on with an error of its own, `what`. */
  readonly refuseCommits: (cluster: string, what: string, times: number) => string;
  /** What a commit is told: a result, or a code. */
  readonly refusals: readonly (readonly [what: string, expected: string])[];
  /** The error that says that trying again may help. */
  readonly tryAgain: string;
  /** The first bytes of a server, after which garbage is believed to be its own. */
  readonly greeting: Buffer;
  /** A whole message whose inside its reader cannot read. */
  readonly unreadable: Buffer;
};

export const TTL_MS = 6_000;
/** For tests that wait until a call is given up; all others have time that no busy machine needs. */
export const CALL_TIMEOUT_MS = 3_000;
const PATIENT_CALL_MS = 20_000;
/** On a busy machine everything takes longer; what hangs takes longer still. */
export const PATIENCE_MS = 90_000;

export const clock = createSystemClock();

export function storeOptions(
  engine: EngineUnderTest,
  server: { readonly port: number },
  changes: Partial<SqlStoreOptions> = {},
): SqlStoreOptions {
  return {
    ...engine.access(server),
    cluster: `t-${randomUUID().slice(0, 8)}`,
    create: true,
    clock,
    bounds: { rho: 0.01, marginMs: 100 },
    callTimeoutMs: PATIENT_CALL_MS,
    ...changes,
  };
}

export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await sleep(20)) if (await holds()) return;
  throw new Error(`Not within ${PATIENCE_MS} ms: ${what}`);
}

/** Whether the promise is kept. */
export function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** Everything that a log could show of an error. */
export function spellError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const fields = JSON.stringify(error, Object.getOwnPropertyNames(error));
  return `${error.name} ${error.message} ${error.stack ?? ''} ${fields} ${spellError(error.cause)}`;
}
