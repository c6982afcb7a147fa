// Every question to the tables as a text. Each is one statement, and so sees one instant; only a list, which comes in pages,
// needs a transaction that stays at its instant.
import { CHANGES_PER_PAGE, type ChangeCursor } from '../store-backend.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** Sorts behind every printable ASCII character, so `prefix + END` ends the keys with the prefix. */
const PREFIX_END = '\x7f';
/** A few milliseconds for the server and for this process. */
export const ENTRIES_PER_PAGE = 500;

export function lookText(sql: SqlDialect): string {
  return (
    `SELECT c.revision, s.id, s.incarnation, s.beat, s.ttl_ms FROM ${sql.table('counter')} AS c ` +
    `LEFT JOIN ${sql.table('sessions')} AS s ON 1 = 1`
  );
}

export function getText(sql: SqlDialect, key: string): string {
  return `${selectEntries(sql)} WHERE name = ${sql.literal(key)}`;
}

export function outcomeText(sql: SqlDialect, token: string): string {
  return `SELECT 1 AS found FROM ${sql.table('tokens')} WHERE token = ${sql.literal(token)}`;
}

/** Rows of the counter, then the first page. The transaction stays open for more of them. */
export function firstPageText(sql: SqlDialect, prefix: string): string {
  const from = `name >= ${sql.literal(prefix)}`;
  return [sql.beginSnapshot, `SELECT revision FROM ${sql.table('counter')}`, pageText(sql, prefix, from)].join(';\n');
}

export function nextPageText(sql: SqlDialect, prefix: string, lastKey: string): string {
  return pageText(sql, prefix, `name > ${sql.literal(lastKey)}`);
}

/** One row at least: the counter, with the columns of a change all null where there is none. */
export function changesText(sql: SqlDialect, prefix: string, { revision, seq }: ChangeCursor): string {
  const after = `revision >= ${revision} AND (revision > ${revision} OR seq > ${seq})`;
  const inside = `name >= ${sql.literal(prefix)} AND name < ${sql.literal(prefix + PREFIX_END)}`;
  return (
    `SELECT c.revision AS head, c.trimmed, l.* FROM ${sql.table('counter')} AS c LEFT JOIN (` +
    `SELECT revision, seq, name, ${sql.contentColumn}, session_id FROM ${sql.table('changes')} ` +
    `WHERE ${after} AND ${inside} ORDER BY revision, seq LIMIT ${CHANGES_PER_PAGE}) AS l ON 1 = 1 ` +
    'ORDER BY l.revision, l.seq'
  );
}

/** Newest revision that no longer fits when the log is filled from its newest end. */
export function oversizedText(sql: SqlDialect, logBytesMax: number): string {
  return (
    'SELECT coalesce(max(revision), 0) AS revision FROM (SELECT revision, ' +
    'sum(octet_length(name) + coalesce(octet_length(content), 0)) OVER (ORDER BY revision DESC, seq DESC) AS bytes ' +
    `FROM ${sql.table('changes')}) AS sized WHERE bytes > ${logBytesMax}`
  );
}

export type TrimLimits = {
  /** The log forgets everything up to this revision. */
  readonly through: number;
  readonly tokensMax: number;
};

/** The counter row comes first, so that two who trim do not wait for each other in a circle. */
export function trimText(sql: SqlDialect, { through, tokensMax }: TrimLimits): string {
  const [changes, counter, tokens] = [sql.table('changes'), sql.table('counter'), sql.table('tokens')];
  return [
    sql.begin,
    `UPDATE ${counter} SET trimmed = greatest(trimmed, ${through}) ` +
      `WHERE EXISTS (SELECT 1 FROM ${changes} WHERE ${changes}.revision <= ${through})`,
    `DELETE FROM ${changes} WHERE revision <= ${through}`,
    `DELETE FROM ${tokens} WHERE seq <= (SELECT newest FROM (SELECT max(seq) AS newest FROM ${tokens}) AS t) - ${tokensMax}`,
    'COMMIT',
  ].join(';\n');
}

function pageText(sql: SqlDialect, prefix: string, from: string): string {
  return `${selectEntries(sql)} WHERE ${from} AND name < ${sql.literal(prefix + PREFIX_END)} ORDER BY name LIMIT ${ENTRIES_PER_PAGE}`;
}

function selectEntries(sql: SqlDialect): string {
  return `SELECT name, ${sql.contentColumn}, version, session_id FROM ${sql.table('entries')}`;
}
