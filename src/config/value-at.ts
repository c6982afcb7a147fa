// Looks into a tree of plain data by path. Used to show what was written at the place a message points to.
import type { ConfigPath } from './config-problem.ts';

/** The value at `path`, or undefined where the tree has none. Sees own keys only. */
export function valueAt(tree: unknown, path: ConfigPath): unknown {
  let value = tree;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<string | number, unknown>>)[part];
  }
  return value;
}
