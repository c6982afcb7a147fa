// Rows of the tables as values of the contract. What is not of the expected shape was not written by this program, and is
// reported by its key instead of being passed on.
import { OneupError } from '../../base/oneup-error.ts';
import type { StoreEntry } from '../../ports/store.ts';
import type { Change, SessionRow } from '../store-backend.ts';
import type { Row } from './sql-link.ts';

/** How an engine gives out values: the text, or null when it is damaged. */
export type ContentDecoder = (raw: string) => string | null;

export function readEntry(row: Row, decode: ContentDecoder): StoreEntry {
  return {
    key: textOf(row, 'name'),
    value: contentOf(row, decode),
    version: countOf(row, 'version'),
    sessionId: textOrNullOf(row, 'session_id'),
  };
}

export function readChange(row: Row, decode: ContentDecoder): { readonly change: Change; readonly seq: number } {
  const revision = countOf(row, 'revision');
  const key = textOf(row, 'name');
  const seq = countOf(row, 'seq');
  if (row.content === null) return { seq, change: { kind: 'delete', key, revision } };
  const sessionId = textOrNullOf(row, 'session_id');
  return {
    seq,
    change: { kind: 'put', entry: { key, value: contentOf(row, decode), version: revision, sessionId }, revision },
  };
}

export function readSession(row: Row): SessionRow {
  return {
    id: textOf(row, 'id'),
    incarnation: countOf(row, 'incarnation'),
    beat: countOf(row, 'beat'),
    ttlMs: countOf(row, 'ttl_ms'),
  };
}

/** The row that every read of the counter must find. */
export function onlyRow(rows: readonly Row[] | undefined): Row {
  const row = rows?.[0];
  if (row !== undefined) return row;
  throw new OneupError('ONEUP_STORE_CORRUPT', 'Cannot read store: its counter row is missing');
}

/** A whole number that is not negative; drivers give large ones out as text. */
export function countOf(row: Row, column: string): number {
  const count = integerOf(row, column);
  if (count >= 0) return count;
  throw wrongShape(row, column);
}

export function integerOf(row: Row, column: string): number {
  const raw = row[column];
  const value = typeof raw === 'string' && /^-?\d{1,16}$/.test(raw) ? Number(raw) : raw;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw wrongShape(row, column);
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === 'string') return value;
  // Columns of bytes; keys, tokens and ids are ASCII.
  if (Buffer.isBuffer(value)) return value.toString('latin1');
  throw wrongShape(row, column);
}

function textOrNullOf(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

function contentOf(row: Row, decode: ContentDecoder): string {
  const raw = row.content;
  const value = typeof raw === 'string' ? decode(raw) : null;
  if (value === null) throw wrongShape(row, 'content');
  return value;
}

function wrongShape(row: Row, column: string): OneupError {
  const where = row.name ?? row.id ?? 'counter';
  return new OneupError(
    'ONEUP_STORE_CORRUPT',
    `Cannot read store: column ${column} of ${JSON.stringify(String(where))} is of the wrong kind, value was ${describe(row[column])}`,
  );
}

function describe(value: unknown): string {
  return value === undefined ? 'missing' : `${typeof value} ${String(value).slice(0, 64)}`;
}
