// The SQL of MySQL and MariaDB: tables with the cluster's name in theirs, keys as bytes (no padding, no collation), values as
// text of four-byte UTF-8.
import { escapeId, escape as escapeLiteral } from 'mysql2';
import { OneupError } from '../../base/oneup-error.ts';
import { SCHEMA_VERSION } from '../sql/open-sql-backend.ts';
import type { SqlDialect, TableName } from '../sql/sql-dialect.ts';

/** The server refuses longer names of tables. */
const NAME_LENGTH_MAX = 64;
const LONGEST_TABLE: TableName = 'sessions';

/** Throws ONEUP_STORE_LIMIT when the cluster's name is too long for the names of its tables. */
export function createMysqlDialect(cluster: string): SqlDialect {
  const longest = nameOf(cluster, LONGEST_TABLE);
  if (longest.length > NAME_LENGTH_MAX) {
    throw new OneupError(
      'ONEUP_STORE_LIMIT',
      `Cannot open the mysql store: a table name has at most ${NAME_LENGTH_MAX} characters, value was ${JSON.stringify(longest)}`,
      { remedy: 'Give the cluster a shorter name' },
    );
  }
  return {
    table: (name) => tableName(cluster, name),
    literal: (text) => escapeLiteral(text),
    contentLiteral: (value) => escapeLiteral(value),
    contentColumn: 'content',
    decodeContent: (raw) => raw,
    // The connection is told READ COMMITTED once.
    begin: 'SET @oneup_revision = NULL, @oneup_failure = NULL;\nSTART TRANSACTION',
    beginSnapshot:
      'SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;\nSTART TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY',
    remember: (failure) =>
      `SELECT revision, CASE ${failure} ELSE 0 END INTO @oneup_revision, @oneup_failure FROM ${tableName(cluster, 'counter')}`,
    rememberMore: (failure) =>
      `SET @oneup_failure = CASE WHEN @oneup_failure <> 0 THEN @oneup_failure ${failure} ELSE 0 END`,
    revision: '@oneup_revision',
    failure: '@oneup_failure',
    announce: null,
  };
}

/** One text each: these servers commit every change of tables by itself. The row of the counter is what completes them. */
export function createTexts(cluster: string): readonly string[] {
  const table = (name: TableName) => tableName(cluster, name);
  const options = 'ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin';
  return [
    `CREATE TABLE IF NOT EXISTS ${table('entries')} (
      name VARBINARY(512) NOT NULL PRIMARY KEY,
      content LONGTEXT NOT NULL,
      version BIGINT NOT NULL,
      session_id VARBINARY(512) NULL,
      KEY by_session (session_id)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${table('sessions')} (
      id VARBINARY(512) NOT NULL PRIMARY KEY,
      incarnation BIGINT NOT NULL,
      beat BIGINT NOT NULL,
      ttl_ms BIGINT NOT NULL
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${table('changes')} (
      revision BIGINT NOT NULL,
      seq BIGINT NOT NULL,
      name VARBINARY(512) NOT NULL,
      content LONGTEXT NULL,
      session_id VARBINARY(512) NULL,
      PRIMARY KEY (revision, seq)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${table('tokens')} (
      seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
      token VARBINARY(128) NOT NULL,
      UNIQUE KEY by_token (token)
    ) ${options}`,
    `CREATE TABLE IF NOT EXISTS ${table('counter')} (
      only_row INT NOT NULL PRIMARY KEY CHECK (only_row = 1),
      schema_version INT NOT NULL,
      revision BIGINT NOT NULL CHECK (revision >= 0),
      trimmed BIGINT NOT NULL CHECK (trimmed >= 0)
    ) ${options}`,
    `INSERT IGNORE INTO ${table('counter')} (only_row, schema_version, revision, trimmed) VALUES (1, ${SCHEMA_VERSION}, 0, 0)`,
  ];
}

function nameOf(cluster: string, name: TableName): string {
  return `oneup_${cluster}_${name}`;
}

/** With `true` a dot in the name of a cluster is no border between the names of a database and a table. */
function tableName(cluster: string, name: TableName): string {
  return escapeId(nameOf(cluster, name), true);
}
