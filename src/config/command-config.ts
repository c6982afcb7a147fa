// A resolved command of a check, an action or an alert channel. A part of the frozen Config of config.ts.
import type { Secret } from '../base/secret.ts';

export type Command = {
  /** argv, at least one word; run without a shell. */
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: Secret])[];
  readonly cwd: string | null;
};
