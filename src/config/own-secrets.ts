// Secrets of providers that people wrote into the file itself. The text of the file becomes the record in force (S7), and no
// secret may reach the store: so each is taken out, and every prober puts back what stands at the same place of its own file.

import type { ConfigPath } from './config-problem.ts';
import { pathText } from './path-text.ts';
import { isAllReferences } from './references.ts';
import { PROVIDER_SECRETS } from './schema/provider-schema.ts';
import { valueAt } from './value-at.ts';
import { readYaml } from './yaml-source.ts';

export type CutText = {
  /** The text with `${own:path}` in place of each secret. */
  readonly text: string;
  /** The secrets by that path. */
  readonly secrets: ReadonlyMap<string, string>;
};

/** Most files hold none, and they are compared every few seconds. */
const MAY_HOLD = new RegExp(`\\b(?:${PROVIDER_SECRETS.map((path) => path.at(-1)).join('|')})\\b`);

/** A text that is no YAML, or holds no such secret, stays as it is. */
export function cutOwnSecrets(text: string): CutText {
  const untouched = { text, secrets: new Map<string, string>() };
  if (!MAY_HOLD.test(text)) return untouched;
  const yaml = readYaml(text);
  if (!yaml.ok) return untouched;
  const spans = writtenSecrets(yaml.value.tree).flatMap(({ path, value }) => {
    const span = yaml.value.spanOf(path);
    const key = pathText(path);
    // An entry with an odd name is refused anyway, and its name could end the reference.
    return span === null || !/^[\w.-]+$/.test(key) ? [] : [{ span, value, key }];
  });
  const keyOf = new Map(spans.map(({ key, value }) => [value, key]));
  let [cut, end] = ['', 0];
  for (const { span, key } of spans.toSorted((a, b) => a.span[0] - b.span[0])) {
    cut += `${withoutCopies(text.slice(end, span[0]), keyOf)}"\${own:${key}}"`;
    end = span[1];
  }
  cut += withoutCopies(text.slice(end), keyOf);
  return { text: cut, secrets: new Map(spans.map(({ key, value }) => [key, value])) };
}

/** A shorter text stands in a file by chance, as a part of other words. */
const COPY_MIN_LENGTH = 8;

/** The same secret once more, in a comment or in another value, which is filled in from the same place. */
function withoutCopies(text: string, keyOf: ReadonlyMap<string, string>): string {
  const longestFirst = [...keyOf].toSorted(([a], [b]) => b.length - a.length);
  let rest = [text];
  for (const [secret, key] of longestFirst) {
    if (secret.length < COPY_MIN_LENGTH) continue;
    // Every second part is a reference that was put in already, and stays as it is.
    rest = rest.flatMap((part, index) =>
      index % 2 === 1 ? [part] : split(part, { secret, reference: `\${own:${key}}` }),
    );
  }
  return rest.join('');
}

/** The parts between the copies, with the reference between each two. */
function split(text: string, { secret, reference }: { readonly secret: string; readonly reference: string }) {
  return text.split(secret).flatMap((part, index) => (index === 0 ? [part] : [reference, part]));
}

/** Secrets of providers that stand in the tree as they are. */
export function writtenSecrets(tree: unknown): readonly { readonly path: ConfigPath; readonly value: string }[] {
  const providers = valueAt(tree, ['providers']);
  if (typeof providers !== 'object' || providers === null || Array.isArray(providers)) return [];
  return Object.keys(providers).flatMap((name) =>
    PROVIDER_SECRETS.flatMap((keys) => {
      const path = ['providers', name, ...keys];
      const value = valueAt(tree, path);
      return typeof value !== 'string' || value === '' || isAllReferences(value) ? [] : [{ path, value }];
    }),
  );
}
