// Every rule that the simulation can express, as an edit of the source that leaves it out. Each must be found by a violation of
// one of the named invariants; a rule that no run can show has another test, which is named instead.

export type Edit = {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Must be there exactly once. */
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

export const MUTATIONS: readonly Mutation[] = [];
