// What a znode below `data/` and `session/` holds: one line of JSON, and behind it the value as it is, so that no value
// grows by being escaped.
import type { SessionName, SessionRow } from '../store-backend.ts';
import { type BlobRef, isBlobRef } from './blob-ref.ts';
import { corrupt, isCount, isText, objectOf, type Shape, textOf } from './stored-shape.ts';

export type DataRecord = {
  readonly version: number;
  /** The incarnation tells a session from a later one of the same id (S5). */
  readonly session: SessionName | null;
  /** A text, or where it lies. */
  readonly value: string | BlobRef;
};

const NEWLINE = 0x0a;

export function writeData({ version, session, value }: DataRecord): Buffer {
  const line = { version, session, ...(typeof value === 'string' ? {} : { blob: value }) };
  return Buffer.from(`${JSON.stringify(line)}\n${typeof value === 'string' ? value : ''}`);
}

export function readData(bytes: Buffer, path: string): DataRecord {
  const end = bytes.indexOf(NEWLINE);
  if (end < 0) throw corrupt(path, 'a record has no first line');
  const { version, session, blob } = objectOf(textOf(bytes.subarray(0, end), path), path);
  if (!isCount(version) || !isSessionName(session)) throw corrupt(path, 'a record has no version or a wrong session');
  if (blob === undefined) return { version, session, value: textOf(bytes.subarray(end + 1), path) };
  if (!isBlobRef(blob)) throw corrupt(path, 'a record refers to no blob');
  return { version, session, value: blob };
}

export function writeSession(row: SessionRow): Buffer {
  return Buffer.from(JSON.stringify(row));
}

export function readSession(bytes: Buffer, path: string): SessionRow {
  const { id, incarnation, beat, ttlMs } = objectOf(textOf(bytes, path), path);
  if (isText(id) && isCount(incarnation) && isCount(beat) && isCount(ttlMs)) return { id, incarnation, beat, ttlMs };
  throw corrupt(path, 'a record is no session');
}

export function isSessionName(value: unknown): value is SessionName | null {
  if (value === null) return true;
  if (typeof value !== 'object') return false;
  const { id, incarnation } = value as Shape;
  return isText(id) && isCount(incarnation);
}
