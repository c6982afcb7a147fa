// A change of the store, thought out at one revision: what the log will say, and the changes of znodes that go with it.
import type { BlobRef } from './blob-ref.ts';
import type { LogRecord } from './log-record.ts';
import type { Change } from './questions.ts';

export type PlannedWrite<T> = {
  readonly kind: 'write';
  /** Without what the writer adds. */
  readonly record: Omit<LogRecord, 'logFrom'>;
  readonly changes: readonly Change[];
  /** Blobs that the commit refers to and that must still be there. */
  readonly blobs: readonly BlobRef[];
  /** Texts of large values by key, for watches of this process. */
  readonly texts: ReadonlyMap<string, string>;
  readonly value: T;
};

/** `refused`: a guard does not hold, and nothing is to be written. */
export type PlannedChange<T> = PlannedWrite<T> | { readonly kind: 'refused'; readonly value: T };

export const NO_TEXTS: ReadonlyMap<string, string> = new Map();
