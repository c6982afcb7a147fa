// Rows of the store file as values of the contract. What is not of the expected shape was not written by this program, and
// is reported by its key instead of being passed on.
import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import type { Change, SessionRow } from '../store-backend.ts';

/** What node:sqlite gives out: columns by name, or nothing. */
export type Row = Readonly<Record<string, unknown>> | undefined;

export function readEntry(row: Row): StoreEntry {
  const key = textOf(row, 'key');
  return {
    key,
    value: textOf(row, 'value'),
    version: countOf(row, 'version'),
    sessionId: textOrNullOf(row, 'sessionId'),
  };
}

export function readChange(row: Row): { readonly change: Change; readonly seq: number } {
  const revision = countOf(row, 'revision');
  const key = textOf(row, 'key');
  const value = textOrNullOf(row, 'value');
  const seq = countOf(row, 'seq');
  if (value === null) return { seq, change: { kind: 'delete', key, revision } };
  const entry = { key, value, version: revision, sessionId: textOrNullOf(row, 'sessionId') };
  return { seq, change: { kind: 'put', entry, revision } };
}

export function readSession(row: Row): SessionRow {
  return {
    id: textOf(row, 'id'),
    incarnation: countOf(row, 'incarnation'),
    beat: countOf(row, 'beat'),
    ttlMs: countOf(row, 'ttlMs'),
  };
}

/** A whole number that is not negative. */
export function countOf(row: Row, column: string): number {
  const value = row?.[column];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrongShape(row, column);
}

function textOf(row: Row, column: string): string {
  const value = row?.[column];
  if (typeof value === 'string') return value;
  throw wrongShape(row, column);
}

function textOrNullOf(row: Row, column: string): string | null {
  return row?.[column] === null ? null : textOf(row, column);
}

function wrongShape(row: Row, column: string): OneupError {
  const where = row?.key ?? row?.id ?? 'counter';
  return new OneupError(
    'ONEUP_STORE_CORRUPT',
    `Cannot read store: column ${column} of ${JSON.stringify(where)} is of the wrong kind, value was ${describe(row?.[column])}`,
  );
}

function describe(value: unknown): string {
  return value === undefined ? 'missing' : `${typeof value} ${String(value).slice(0, 64)}`;
}
