// What is needed to reach the store of one cluster on a database server; the same for every SQL engine.
import type { Clock } from '../../base/clock.ts';
import type { ClockBounds } from '../../base/clock-bounds.ts';

export type SqlEndpoint = { readonly host: string; readonly port: number };

/** PEM texts. */
export type SqlTls = {
  /** Null: the roots that the runtime trusts. */
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  /** Name that the certificate must bear, where it is not the host of the endpoint. */
  readonly serverName: string | null;
};

export type SqlBackendOptions = {
  /** Name of the cluster: it becomes part of the names of the tables. */
  readonly cluster: string;
  /** Tried in order, beginning with the one that worked last. */
  readonly endpoints: readonly SqlEndpoint[];
  readonly database: string;
  readonly username: string;
  readonly password: string | null;
  /** Null: no encryption. Otherwise the certificate of the server is always verified. */
  readonly tls: SqlTls | null;
  /** Creates what is missing. Only `init` may (S4) [false]. */
  readonly create?: boolean;
  readonly clock: Clock;
  /** Longest wait for one answer, milliseconds [2000]. The server is told limits that follow from it. */
  readonly callTimeoutMs?: number;
  /** How often the store is asked for changes, milliseconds. */
  readonly pollMs?: number;
  /** Revisions kept for watches [10000]. */
  readonly logRevisionsMax?: number;
  /** Commits whose outcome can be asked for later [10000]. */
  readonly tokensMax?: number;
  readonly signal?: AbortSignal;
};

export type SqlStoreOptions = SqlBackendOptions & { readonly bounds: ClockBounds };

/** As in RemoteStore. */
export const CALL_TIMEOUT_MS = 2_000;
