// Every statement that the engine runs, prepared once per connection.
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type Statements = { readonly [Name in keyof typeof SQL]: StatementSync };

const SQL = {
  begin: 'BEGIN',
  beginImmediate: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  counter: 'SELECT revision, trimmed FROM counter',
  raise: 'UPDATE counter SET revision = revision + 1 RETURNING revision',
  entry: 'SELECT key, value, version, sessionId FROM entries WHERE key = ?',
  entriesIn: 'SELECT key, value, version, sessionId FROM entries WHERE key >= ? AND key < ? ORDER BY key LIMIT ?',
  put: `INSERT INTO entries (key, value, version, sessionId) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, sessionId = excluded.sessionId`,
  delete: 'DELETE FROM entries WHERE key = ?',
  keysOfSession: 'SELECT key FROM entries WHERE sessionId = ? ORDER BY key',
  log: 'INSERT INTO changes (revision, seq, key, value, sessionId) VALUES (?, ?, ?, ?, ?)',
  changesAfter: `SELECT revision, seq, key, value, sessionId FROM changes
    WHERE (revision, seq) > (?, ?) AND key >= ? AND key < ? ORDER BY revision, seq LIMIT ?`,
  session: 'SELECT id, incarnation, beat, ttlMs FROM sessions WHERE id = ?',
  sessions: 'SELECT id, incarnation, beat, ttlMs FROM sessions',
  insertSession: 'INSERT INTO sessions (id, incarnation, beat, ttlMs) VALUES (?, ?, 0, ?)',
  raiseBeat: 'UPDATE sessions SET beat = beat + 1 WHERE id = ? AND incarnation = ?',
  deleteSession: 'DELETE FROM sessions WHERE id = ?1 AND incarnation = ?2 AND beat = coalesce(?3, beat)',
  token: 'SELECT seq FROM tokens WHERE token = ?',
  insertToken: 'INSERT INTO tokens (token) VALUES (?)',
  trimTokens: 'DELETE FROM tokens WHERE seq <= (SELECT max(seq) FROM tokens) - ?',
  trimChanges: 'DELETE FROM changes WHERE revision <= ?',
  noteTrimmed: 'UPDATE counter SET trimmed = max(trimmed, ?)',
  /** Newest revision that no longer fits when the log is filled from its newest end. */
  oversizedThrough: `SELECT coalesce(max(revision), 0) AS revision FROM (
    SELECT revision, sum(octet_length(key) + coalesce(octet_length(value), 0)) OVER (ORDER BY revision DESC, seq DESC) AS bytes
    FROM changes) WHERE bytes > ?`,
} as const;

export function prepareStatements(db: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => [name, db.prepare(sql)]);
  return Object.fromEntries(prepared) as Statements;
}
