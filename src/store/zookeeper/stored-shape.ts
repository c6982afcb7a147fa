// Reads what znodes hold, strictly: whoever finds something else there says so instead of guessing.
import { OneupError } from '../../base/oneup-error.ts';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function corrupt(path: string, why: string, cause?: unknown): OneupError {
  const options = cause === undefined ? {} : { cause };
  return new OneupError('ONEUP_STORE_CORRUPT', `Cannot read the ZooKeeper store: ${why}, value was ${path}`, {
    ...options,
    remedy: 'Find out what else writes below this path; put a snapshot back, or run oneup init, then oneup adopt',
  });
}

export function textOf(bytes: Uint8Array, path: string): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw corrupt(path, 'a record is not UTF-8', cause);
  }
}

export type Shape = Readonly<Record<string, unknown>>;

export function objectOf(text: string, path: string): Shape {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, 'a record is not JSON', cause);
  }
  if (!isObject(value)) throw corrupt(path, 'a record is no JSON object');
  return value;
}

export function isObject(value: unknown): value is Shape {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}
