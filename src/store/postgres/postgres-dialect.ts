// The SQL of PostgreSQL: one schema per cluster, keys in byte order, values as bytes because text cannot hold U+0000 and
// depends on the encoding of the database.
import { escapeIdentifier, escapeLiteral } from 'pg';
import { OneupError } from '../../base/oneup-error.ts';
import { SCHEMA_VERSION } from '../sql/open-sql-backend.ts';
import type { SqlDialect, TableName } from '../sql/sql-dialect.ts';

/** PostgreSQL cuts longer names off without a word, and two clusters would share one. */
const NAME_BYTES_MAX = 63;
const REVISION = "current_setting('oneup.revision')::bigint";
const FAILURE = "current_setting('oneup.failure')::integer";

/** Name of the schema, and of the channel of hints. Throws ONEUP_STORE_LIMIT when the cluster's name is too long. */
export function schemaName(cluster: string): string {
  const name = `oneup_${cluster}`;
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX && !name.includes('\0')) return name;
  throw new OneupError(
    'ONEUP_STORE_LIMIT',
    `Cannot open the postgres store: a schema name has at most ${NAME_BYTES_MAX} bytes, value was ${JSON.stringify(name)}`,
    { remedy: 'Give the cluster a shorter name' },
  );
}

export function createPostgresDialect(cluster: string): SqlDialect {
  const schema = schemaName(cluster);
  return {
    table: (name) => tableName(schema, name),
    literal: escapeLiteral,
    contentLiteral: (value) => `decode('${Buffer.from(value).toString('hex')}', 'hex')`,
    contentColumn: "encode(content, 'hex') AS content",
    decodeContent,
    begin: 'BEGIN ISOLATION LEVEL READ COMMITTED',
    beginSnapshot: 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    remember: (failure) =>
      `SELECT set_config('oneup.revision', revision::text, true), ` +
      `set_config('oneup.failure', (CASE ${failure} ELSE 0 END)::text, true) FROM ${tableName(schema, 'counter')}`,
    rememberMore: (failure) =>
      `SELECT set_config('oneup.failure', (CASE WHEN ${FAILURE} <> 0 THEN ${FAILURE} ${failure} ELSE 0 END)::text, true)`,
    revision: REVISION,
    failure: FAILURE,
    announce: `SELECT pg_notify(${escapeLiteral(schema)}, '') WHERE ${FAILURE} = 0`,
  };
}

/** One transaction; whoever comes second finds everything there. */
export function createText(cluster: string): string {
  const schema = schemaName(cluster);
  const table = (name: TableName) => tableName(schema, name);
  return `
BEGIN;
CREATE SCHEMA IF NOT EXISTS ${escapeIdentifier(schema)};
CREATE TABLE IF NOT EXISTS ${table('counter')} (
  only_row integer PRIMARY KEY CHECK (only_row = 1),
  schema_version integer NOT NULL,
  revision bigint NOT NULL CHECK (revision >= 0),
  trimmed bigint NOT NULL CHECK (trimmed >= 0)
) WITH (fillfactor = 10);
CREATE TABLE IF NOT EXISTS ${table('entries')} (
  name text COLLATE "C" PRIMARY KEY,
  content bytea NOT NULL,
  version bigint NOT NULL,
  session_id text COLLATE "C"
);
CREATE INDEX IF NOT EXISTS entries_by_session ON ${table('entries')} (session_id) WHERE session_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS ${table('sessions')} (
  id text COLLATE "C" PRIMARY KEY,
  incarnation bigint NOT NULL,
  beat bigint NOT NULL,
  ttl_ms bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS ${table('changes')} (
  revision bigint NOT NULL,
  seq bigint NOT NULL,
  name text COLLATE "C" NOT NULL,
  content bytea,
  session_id text COLLATE "C",
  PRIMARY KEY (revision, seq)
);
CREATE TABLE IF NOT EXISTS ${table('tokens')} (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token text COLLATE "C" NOT NULL UNIQUE
);
INSERT INTO ${table('counter')} (only_row, schema_version, revision, trimmed) VALUES (1, ${SCHEMA_VERSION}, 0, 0)
  ON CONFLICT DO NOTHING;
COMMIT`;
}

function tableName(schema: string, name: TableName): string {
  return `${escapeIdentifier(schema)}.${name}`;
}

function decodeContent(raw: string): string | null {
  const bytes = Buffer.from(raw, 'hex');
  if (bytes.length * 2 !== raw.length) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
