// Every change of the store as one text: one round trip, one transaction. The counter row is written before anything is
// read, so commits are serial, and each guard sees the commit before (S5). Where a guard fails nothing stays written.
import { assertNever } from '../../base/assert-never.ts';
import type { CommitRequest, Guard, StoreWrite } from '../../ports/store.ts';
import type { SessionName } from '../store-backend.ts';
import type { SqlDialect } from './sql-dialect.ts';

/** No failure; a guard that failed is named by its place, counted from 1. */
export const NONE_FAILED = 0;
export const TOKEN_IS_USED = -1;
export const COUNTER_IS_DAMAGED = -2;
/** Each further portion of guards is a statement of its own: engines plan hundreds of questions in one badly. */
const GUARDS_PER_STATEMENT = 64;

/** The guards of a commit, with those that its writes imply: a key may be bound only to a session that is alive (S5). */
export function allGuards({ guards, writes }: CommitRequest): readonly Guard[] {
  const ids = writes.flatMap((write) =>
    write.kind === 'put' && write.sessionId !== undefined ? [write.sessionId] : [],
  );
  return [...guards, ...[...new Set(ids)].map((sessionId): Guard => ({ kind: 'sessionAlive', sessionId }))];
}

/** The last rows of every text of this file: `revision` of the counter, and `failure`. */
export function commitText(sql: SqlDialect, request: CommitRequest): string {
  const { writes, token } = request;
  const guards = allGuards(request).map((guard, index) => `WHEN ${failsWhen(sql, guard)} THEN ${index + 1}`);
  const portions: string[] = [];
  for (let at = 0; at < guards.length; at += GUARDS_PER_STATEMENT) {
    portions.push(sql.rememberMore(guards.slice(at, at + GUARDS_PER_STATEMENT).join(' ')));
  }
  const used = `WHEN EXISTS (SELECT 1 FROM ${sql.table('tokens')} WHERE token = ${sql.literal(token)}) THEN ${TOKEN_IS_USED}`;
  return changeText(sql, used, [
    ...portions,
    ...(writes.length === 0 ? [] : writeStatements(sql, writes)),
    `INSERT INTO ${sql.table('tokens')} (token) SELECT ${sql.literal(token)} ${ifNoneFailed(sql)}`,
    ...announcement(sql),
  ]);
}

export function insertSessionText(
  sql: SqlDialect,
  { id, ttlMs }: { readonly id: string; readonly ttlMs: number },
): string {
  const sessions = sql.table('sessions');
  return changeText(sql, `WHEN EXISTS (SELECT 1 FROM ${sessions} WHERE id = ${sql.literal(id)}) THEN 1`, [
    `INSERT INTO ${sessions} (id, incarnation, beat, ttl_ms) ` +
      `SELECT ${sql.literal(id)}, revision, 0, ${integer(ttlMs)} ${ifNoneFailed(sql)}`,
    ...announcement(sql),
  ]);
}

/** Nobody is told: a beat is read by whoever looks, and nothing waits for it. */
export function renewSessionText(sql: SqlDialect, session: SessionName): string {
  return changeText(sql, `WHEN NOT EXISTS (${sessionQuery(sql, session)}) THEN 1`, [
    `UPDATE ${sql.table('sessions')} SET beat = beat + 1 WHERE id = ${sql.literal(session.id)} AND ${sql.failure} = 0`,
  ]);
}

export function removeSessionText(sql: SqlDialect, session: SessionName, beat: number | null): string {
  const [entries, id] = [sql.table('entries'), sql.literal(session.id)];
  const stands = beat === null ? '' : ` AND beat = ${integer(beat)}`;
  return changeText(sql, `WHEN NOT EXISTS (${sessionQuery(sql, session)}${stands}) THEN 1`, [
    `INSERT INTO ${sql.table('changes')} (revision, seq, name, content, session_id) ` +
      `SELECT ${sql.revision}, row_number() OVER (ORDER BY name) - 1, name, NULL, NULL FROM ${entries} ` +
      `WHERE session_id = ${id} AND ${sql.failure} = 0`,
    `DELETE FROM ${entries} WHERE session_id = ${id} AND ${sql.failure} = 0`,
    `DELETE FROM ${sql.table('sessions')} WHERE id = ${id} AND ${sql.failure} = 0`,
    ...announcement(sql),
  ]);
}

function changeText(sql: SqlDialect, firstFailure: string, statements: readonly string[]): string {
  const counter = sql.table('counter');
  const damaged = `WHEN revision < 1 OR revision > ${Number.MAX_SAFE_INTEGER} THEN ${COUNTER_IS_DAMAGED}`;
  return [
    sql.begin,
    `UPDATE ${counter} SET revision = revision + 1`,
    sql.remember(`${damaged} ${firstFailure}`),
    ...statements,
    `UPDATE ${counter} SET revision = revision - 1 WHERE ${sql.failure} <> 0`,
    `SELECT revision, ${sql.failure} AS failure FROM ${counter}`,
    'COMMIT',
  ].join(';\n');
}

/**
 * The log is written first and corrected: without what a failed guard forbids, and without the deletes of what is not there.
 * The entries then follow from it, so that each value is sent once.
 */
function writeStatements(sql: SqlDialect, writes: readonly StoreWrite[]): readonly string[] {
  const [changes, entries] = [sql.table('changes'), sql.table('entries')];
  const rows = writes.map((write, seq) => `(${sql.revision}, ${seq}, ${changeColumns(sql, write)})`);
  const names = writes.map(({ key }) => sql.literal(key));
  return [
    `INSERT INTO ${changes} (revision, seq, name, content, session_id) VALUES\n${rows.join(',\n')}`,
    `DELETE FROM ${changes} WHERE revision = ${sql.revision} AND (${sql.failure} <> 0 OR (content IS NULL ` +
      `AND NOT EXISTS (SELECT 1 FROM ${entries} WHERE ${entries}.name = ${changes}.name)))`,
    `DELETE FROM ${entries} WHERE name IN (${names.join(', ')}) AND ${sql.failure} = 0`,
    `INSERT INTO ${entries} (name, content, version, session_id) SELECT name, content, revision, session_id ` +
      `FROM ${changes} WHERE revision = ${sql.revision} AND content IS NOT NULL`,
  ];
}

function changeColumns(sql: SqlDialect, write: StoreWrite): string {
  if (write.kind === 'delete') return `${sql.literal(write.key)}, NULL, NULL`;
  const sessionId = write.sessionId === undefined ? 'NULL' : sql.literal(write.sessionId);
  return `${sql.literal(write.key)}, ${sql.contentLiteral(write.value)}, ${sessionId}`;
}

function failsWhen(sql: SqlDialect, guard: Guard): string {
  switch (guard.kind) {
    case 'absent':
      return `EXISTS (SELECT 1 FROM ${sql.table('entries')} WHERE name = ${sql.literal(guard.key)})`;
    case 'version':
      return (
        `NOT EXISTS (SELECT 1 FROM ${sql.table('entries')} WHERE name = ${sql.literal(guard.key)} ` +
        `AND version = ${integer(guard.version)})`
      );
    case 'sessionAlive':
      return `NOT EXISTS (SELECT 1 FROM ${sql.table('sessions')} WHERE id = ${sql.literal(guard.sessionId)})`;
    default:
      return assertNever(guard);
  }
}

function sessionQuery(sql: SqlDialect, { id, incarnation }: SessionName): string {
  return `SELECT 1 FROM ${sql.table('sessions')} WHERE id = ${sql.literal(id)} AND incarnation = ${integer(incarnation)}`;
}

/** For inserts of one row. */
function ifNoneFailed(sql: SqlDialect): string {
  return `FROM ${sql.table('counter')} WHERE ${sql.failure} = 0`;
}

function announcement(sql: SqlDialect): readonly string[] {
  return sql.announce === null ? [] : [sql.announce];
}

/** Equal to nothing when it is no whole number: no row of the tables bears such a one. */
function integer(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : 'NULL';
}
