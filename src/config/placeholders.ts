// Expands {address}, {service} and {node.<attribute>} in texts of checks and actions, once per node. What came out of the
// environment or a file is never expanded again, so a secret may hold braces.
import { fillReferences, hasReference } from './references.ts';

export type PlaceholderValues = ReadonlyMap<string, PlaceholderValue>;

export type PlaceholderValue = {
  readonly text: string;
  /** The value was written with a reference: whoever shows the expanded text shows a secret. */
  readonly isSecret: boolean;
};

export type Expanded = {
  readonly text: string;
  /** Placeholders without a value, with their braces, in order of appearance. */
  readonly unknown: readonly string[];
  readonly holdsSecret: boolean;
};

/** `${env:X}` or `{word}`, but not `%{word}` (curl), `{{word}}` (templates of other programs) nor `${word}` (shells). */
const TOKEN = /\$\{(?:env|file|own):[^}]*\}|(?<![$%{])\{([A-Za-z][\w.-]*)\}(?!\})/g;

/** `template` is the text as written, with its references still in it. */
export function expandPlaceholders(
  template: string,
  { values, references }: { readonly values: PlaceholderValues; readonly references: ReadonlyMap<string, string> },
): Expanded {
  const unknown: string[] = [];
  let holdsSecret = hasReference(template);
  const text = template.replace(TOKEN, (token: string, name: string | undefined) => {
    if (name === undefined) return fillReferences(token, references);
    const value = values.get(name);
    if (value === undefined) unknown.push(token);
    else if (value.isSecret) holdsSecret = true;
    return value?.text ?? '';
  });
  return { text, unknown, holdsSecret };
}
