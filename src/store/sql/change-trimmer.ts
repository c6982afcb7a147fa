// Keeps the change log and the tokens bounded: every so many revisions whoever made the change trims them, in a transaction
// of its own. What becomes of the trimming changes nothing about the change before it.

import { oversizedText, trimText } from './read-text.ts';
import { countOf, onlyRow } from './rows.ts';
import type { SqlDialect } from './sql-dialect.ts';
import type { SqlLink } from './sql-link.ts';

/** Large records (a whole configuration) must not multiply by the number of revisions kept. */
const LOG_BYTES_MAX = 64 * 1024 * 1024;
/** Trimming costs some milliseconds, so it is done by every thousandth change or, with a short log, by every tenth of it. */
const TRIM_STRIDE_MAX = 1_000;

export type TrimmerOptions = {
  readonly sql: SqlDialect;
  readonly logRevisionsMax: number;
  readonly tokensMax: number;
};

export class ChangeTrimmer {
  readonly #on: TrimmerOptions;
  readonly #stride: number;

  constructor(options: TrimmerOptions) {
    this.#on = options;
    this.#stride = Math.min(TRIM_STRIDE_MAX, Math.ceil(options.logRevisionsMax / 10));
  }

  /** Trims if `revision` is one that does. Never rejects: a connection that fails here is found out by its next user. */
  async trimAfter(revision: number, link: SqlLink): Promise<void> {
    if (revision % this.#stride !== 0) return;
    const { sql, logRevisionsMax, tokensMax } = this.#on;
    try {
      const [rows] = await link.query(oversizedText(sql, LOG_BYTES_MAX));
      const oversizedThrough = countOf(onlyRow(rows), 'revision');
      const through = Math.max(0, revision - logRevisionsMax, oversizedThrough);
      await link.query(trimText(sql, { through, tokensMax }));
    } catch {
      // A transaction that the failure left open must not hold the counter row.
      link.destroy();
    }
  }
}
