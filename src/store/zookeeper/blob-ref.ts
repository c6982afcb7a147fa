// Names a text that lies in pieces below `blob/`, because it is too large for the packet that refers to it.
import { isCount, isObject } from './stored-shape.ts';

export type BlobRef = { readonly id: string; readonly chunks: number; readonly bytes: number };

/** A quarter of the smallest packet limit in use, so that a few pieces are on their way at once. */
export const CHUNK_BYTES = 256 * 1024;
/** The largest text is the log record of the largest commit. */
const BLOB_BYTES_MAX = 64 * 1024 * 1024;

const ID_SHAPE = /^[0-9a-f-]{36}$/;

export function isBlobRef(value: unknown): value is BlobRef {
  if (!isObject(value)) return false;
  const { id, chunks, bytes } = value;
  if (typeof id !== 'string' || !ID_SHAPE.test(id)) return false;
  if (!isCount(bytes) || bytes > BLOB_BYTES_MAX) return false;
  return chunks === chunksOf(bytes);
}

export function chunksOf(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES);
}
