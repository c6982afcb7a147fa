// The tables of a store file, and the numbers in its header that say whose file it is and which tables to expect.

/** "onep" in the header of the file: tells a store from any other SQLite database. */
export const APPLICATION_ID = 0x6f_6e_65_70;
/** Raised with every change of the tables below. */
export const SCHEMA_VERSION = 1;

/**
 * `counter` is the one row that every change writes first (S5). `sessions.incarnation` is the revision of the session's
 * birth. `changes` and `tokens` are trimmed; `counter.trimmed` is the last revision that the change log no longer holds.
 */
export const SCHEMA_SQL = `
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
  CREATE TABLE counter (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    revision INTEGER NOT NULL CHECK (revision >= 0),
    trimmed INTEGER NOT NULL CHECK (trimmed >= 0)
  ) STRICT;
  INSERT INTO counter (only, revision, trimmed) VALUES (1, 0, 0);
  CREATE TABLE entries (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL,
    version INTEGER NOT NULL,
    sessionId TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX entriesBySession ON entries (sessionId) WHERE sessionId IS NOT NULL;
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY NOT NULL,
    incarnation INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    ttlMs INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE changes (
    revision INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT,
    sessionId TEXT,
    PRIMARY KEY (revision, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tokens (
    seq INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE
  ) STRICT;
`;
