// A rule that is left out of the source of oneup as it is loaded, and what shows that it is missing.

export type Edit = {
  /** Must be there exactly once in all of the product and the stand-in of the agent, wherever it is moved to. */
  readonly find: string;
  readonly replace: string;
};

export type Mutation = {
  /** Id of the rule, with a letter where one rule has several parts. */
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Any of these shows it. */
  readonly invariants: readonly string[];
  /** Where the search begins: found from here on within a few seeds. */
  readonly fromSeed: number;
};
