// Where SQL engines differ. Everything else of a statement is the same text for all of them.
import type { ContentDecoder } from './rows.ts';

export type TableName = 'counter' | 'entries' | 'sessions' | 'changes' | 'tokens';

export type SqlDialect = {
  /** Quoted name of a table of this cluster. */
  readonly table: (name: TableName) => string;
  /** Printable ASCII as a literal, escaped by the driver. */
  readonly literal: (text: string) => string;
  /** A value, which may hold any character, as a literal. */
  readonly contentLiteral: (value: string) => string;
  /** The column `content` in the form that `decodeContent` reads. */
  readonly contentColumn: string;
  readonly decodeContent: ContentDecoder;
  /** Starts a transaction in which each statement sees what was committed before it began (READ COMMITTED). */
  readonly begin: string;
  /** Starts a transaction that sees one instant from beginning to end, and writes nothing. */
  readonly beginSnapshot: string;
  /** Remembers, until the transaction ends, the revision of the counter row and the number of the first failure. */
  readonly remember: (failure: string) => string;
  /** Looks on for a failure where none was found before. */
  readonly rememberMore: (failure: string) => string;
  /** What was remembered, as expressions. */
  readonly revision: string;
  readonly failure: string;
  /** Tells the others that something changed, if nothing failed; null where the engine has no way to. */
  readonly announce: string | null;
};
