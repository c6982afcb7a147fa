// What every part of the resolution is given: the texts as written, the values of references, and where to report.
import type { ConfigFinding, ConfigPath } from './config-problem.ts';
import { valueAt } from './value-at.ts';

export type ResolveContext = {
  /** The file as plain data, references not yet replaced. */
  readonly raw: unknown;
  readonly references: ReadonlyMap<string, string>;
  /** Absolute directory from which relative file names count. */
  readonly baseDir: string;
  readonly report: (finding: ConfigFinding) => void;
};

/** The text that was written at `path`; empty where there is none. */
export function writtenText({ raw }: ResolveContext, path: ConfigPath): string {
  const value = valueAt(raw, path);
  return typeof value === 'string' ? value : '';
}
