// Tells the log that another configuration is in force, and whose file it was: the record itself is only the text.
import type { Logger } from '../ports/logger.ts';
import type { Proposal } from './config-proposal.ts';

export class ConfigNews {
  readonly #logger: Logger;
  #digest: string | null = null;
  #proposal: Proposal | null = null;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** A proposal is gone before its text comes into force, so the last one is kept in mind. */
  proposed({ digest, by }: Proposal): void {
    this.#proposal = { digest, by };
  }

  /** Null where there is no record. The first one of a process is no news. */
  inForce(digest: string | null): void {
    const before = this.#digest;
    this.#digest = digest;
    if (digest === null || before === null || digest === before) return;
    const by = this.#proposal?.digest === digest ? `, proposed by ${this.#proposal.by}` : '';
    this.#logger.info({ digest }, `the configuration in force is now ${digest.slice(0, 12)}${by}`);
  }
}
