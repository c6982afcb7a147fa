// What is wrong with a configuration, in the two shapes it takes: a finding says where in the tree and why; a problem adds
// the place in the file and the value as written, and is ready to be shown. Neither ever holds a secret.
import type { ErrorCode } from '../base/error-catalogue.ts';

/** Keys and list positions from the top of the file down: `['services', 'web', 'nodes', 0, 'address']`. */
export type ConfigPath = readonly (string | number)[];

/** One broken rule, before it is placed in a file. */
export type ConfigFinding = {
  readonly path: ConfigPath;
  /** Whether the key itself is wrong or what stands behind it [value]. */
  readonly point?: 'key' | 'value';
  /** Continues "Cannot use <path>: ..." for problems and "<path>: ..." for warnings; no final period. */
  readonly reason: string;
  /** What to write instead. */
  readonly remedy: string;
  /** Safety rule or RFC section behind it, such as `S24`. */
  readonly rule?: string;
  readonly code?: ErrorCode;
  /** A warning is shown and changes nothing [problem]. */
  readonly severity?: 'problem' | 'warning';
};

export type ConfigProblem = {
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** `services.web.nodes[0].address`; empty when it is about the whole file. */
  readonly path: string;
  /** The value as written (references are shown, never what they stand for), shortened; null where there is none. */
  readonly value: string | null;
  readonly reason: string;
  readonly remedy: string;
  readonly rule: string | null;
  readonly code: ErrorCode;
  readonly severity: 'problem' | 'warning';
};
