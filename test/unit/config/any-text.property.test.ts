// Whatever the text, parseConfig answers; and whatever it accepts it accepts again.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are written as they stand in the file
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { valueAt } from '../../../src/config/value-at.ts';
import { readYaml } from '../../../src/config/yaml-source.ts';
import { configInput } from '../../support/config-input.ts';
import { configText } from '../../support/config-text.ts';

const OPTIONS = configInput('any.yaml');
const RUNS = { numRuns: 150 };
const YAML_PIECES = [
  '- ',
  ': ',
  '? ',
  '&a ',
  '*a',
  '!!str ',
  '{',
  '}',
  '[',
  ']',
  '\n',
  '  ',
  '"',
  "'",
  '|',
  '%YAML 1.1\n---\n',
  '<<',
  'cluster',
  'services',
  '${env:',
  '${file:/etc/oneup/token}',
  '{node.id}',
  '~',
  '0x1',
];

describe('parseConfig never throws', () => {
  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), RUNS);
  });

  test('for texts made of the pieces of YAML', () => {
    const text = fc.array(fc.constantFrom(...YAML_PIECES), { maxLength: 60 }).map((pieces) => pieces.join(''));
    fc.assert(fc.property(text, check), RUNS);
  });

  test('for any data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => check(stringify(value))),
      RUNS,
    );
  });

  test('for a good file with one value replaced or removed', () => {
    const read = readYaml(configText());
    assert.ok(read.ok);
    const paths = leafPaths(read.value.tree);
    const change = fc.tuple(fc.constantFrom(...paths), fc.option(fc.jsonValue(), { nil: undefined }));
    fc.assert(
      fc.property(change, ([path, value]) => check(stringify(replaced(read.value.tree, path, value) ?? null))),
      { numRuns: 400 },
    );
  });

  test('for brackets without end', () => {
    for (const piece of ['[', '{a: ', '- ', '? ', '&a [*a, ']) check(piece.repeat(5_000));
  });
});

/** An answer of the right shape, with every problem placed in the text. */
function check(text: string): void {
  const parsed = parseConfig(text, OPTIONS);
  if (parsed.ok) return;
  assert.ok(parsed.error.length > 0);
  const lineCount = text.split('\n').length;
  for (const { line, column, reason, remedy } of parsed.error) {
    assert.ok(line >= 1 && line <= lineCount && column >= 1, `${line}:${column} of ${lineCount} lines`);
    assert.ok(reason !== '' && remedy !== '');
  }
  assert.ok(formatProblems(parsed.error) !== '');
}

type Path = readonly (string | number)[];

function leafPaths(tree: unknown, path: Path = []): readonly Path[] {
  if (typeof tree !== 'object' || tree === null) return [path];
  const keys = Array.isArray(tree) ? [...tree.keys()] : Object.keys(tree);
  return [path, ...keys.flatMap((key) => leafPaths(valueAt(tree, [key]), [...path, key]))];
}

function replaced(tree: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const inner = replaced(valueAt(tree, [key]), rest, value);
  if (Array.isArray(tree)) return tree.map((item, index) => (index === key ? inner : item));
  return { ...(tree as object), [key]: inner };
}
