// What one commit changed, as the znode of its revision below `log/` holds it. Everything that a follower must know to go
// from one revision to the next is in it; nothing of it is looked up elsewhere but texts that lie in blobs.
import type { SessionName } from '../store-backend.ts';
import { type BlobRef, isBlobRef } from './blob-ref.ts';
import { isSessionName } from './data-record.ts';
import { corrupt, isCount, isObject, isText, objectOf, type Shape, textOf } from './stored-shape.ts';

export type LogWrite =
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly session: SessionName | null;
      readonly value: string | BlobRef;
    }
  | { readonly kind: 'delete'; readonly key: string };

export type SessionChange =
  | { readonly kind: 'born'; readonly id: string; readonly ttlMs: number }
  | { readonly kind: 'beat'; readonly name: SessionName }
  /**
   * Ends the session and with it all its keys. Their znodes are removed by the same commit, in key order, before
   * `leftFrom`; those from there on did not fit into its packet and are ignored until somebody sweeps them (S5).
   */
  | { readonly kind: 'ended'; readonly name: SessionName; readonly leftFrom: string | null };

export type LogRecord = {
  readonly token: string | null;
  /** The changes that were made, in order; what changed nothing is left out. */
  readonly writes: readonly LogWrite[];
  readonly session: SessionChange | null;
  /** Keys of ended sessions whose znodes are gone now. */
  readonly swept: readonly string[];
  /** Blobs that nothing but older records of the log refers to; they are deleted before this record is. */
  readonly frees: readonly BlobRef[];
  /** The oldest revision that the log still holds after this commit. */
  readonly logFrom: number;
};

export const NO_CHANGE = { token: null, writes: [], session: null, swept: [], frees: [] } as const;

export function writeLog(record: LogRecord): Buffer {
  return Buffer.from(JSON.stringify(record));
}

/** A record that is too large for its packet lies in a blob itself. */
export function writeLogRef(blob: BlobRef): Buffer {
  return Buffer.from(JSON.stringify({ blob }));
}

export function readLog(bytes: Uint8Array, path: string): LogRecord | BlobRef {
  const shape = objectOf(textOf(bytes, path), path);
  if (shape.blob !== undefined) {
    if (isBlobRef(shape.blob)) return shape.blob;
    throw corrupt(path, 'a record of the log refers to no blob');
  }
  const { token, writes, session, swept, frees, logFrom } = shape;
  if (
    (token === null || isText(token)) &&
    isListOf(writes, isLogWrite) &&
    (session === null || isSessionChange(session)) &&
    isListOf(swept, isText) &&
    isListOf(frees, isBlobRef) &&
    isCount(logFrom)
  ) {
    return { token, writes, session, swept, frees, logFrom };
  }
  throw corrupt(path, 'a record of the log has another shape');
}

export function isLogRecord(value: LogRecord | BlobRef): value is LogRecord {
  return 'logFrom' in value;
}

function isListOf<T>(value: unknown, isOne: (item: unknown) => item is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isLogWrite(value: unknown): value is LogWrite {
  if (!isObject(value) || !isText(value.key)) return false;
  if (value.kind === 'delete') return true;
  return value.kind === 'put' && isSessionName(value.session) && (isText(value.value) || isBlobRef(value.value));
}

function isSessionChange(value: unknown): value is SessionChange {
  if (!isObject(value)) return false;
  if (value.kind === 'born') return isText(value.id) && isCount(value.ttlMs);
  if (!isNamed(value)) return false;
  return value.kind === 'beat' || (value.kind === 'ended' && (value.leftFrom === null || isText(value.leftFrom)));
}

function isNamed({ name }: Shape): boolean {
  return name !== null && isSessionName(name);
}
