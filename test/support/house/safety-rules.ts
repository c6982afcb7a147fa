// Ties the code to docs/safety.md: a rule that code names must be defined there, so that a reader can look it up.
import { lineOf, maskSource } from './mask-source.ts';
import type { Offence } from './offence.ts';
import type { SourceFile } from './source-tree.ts';

/** Ids in the order of their definitions; a definition is a table row that begins with the id in bold. */
export function definedSafetyRules(page: string): readonly string[] {
  return [...page.matchAll(/^\| \*\*(S\d+)\*\* \|/gm)].map((match) => match[1] ?? '');
}

export function checkSafetyRules(files: readonly SourceFile[], page: string): readonly Offence[] {
  const defined = new Set(definedSafetyRules(page));
  return files.flatMap(({ path, text }) => {
    const mentions = [...maskSource(text).comments.matchAll(/\bS\d{1,2}\b/g)];
    return mentions
      .filter(([id]) => !defined.has(id))
      .map(({ 0: id, index }) => ({
        file: path,
        line: lineOf(text, index),
        rule: `docs/safety.md has no rule ${id}.`,
      }));
  });
}
