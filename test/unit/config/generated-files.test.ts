// config/schema.json and docs/configuration.md are what the schema says; npm run schema writes them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { generatedFiles } from '../../../config/generate-schema.ts';
import type { Schema } from '../../../config/reference-page.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';

describe('generated files', () => {
  for (const { path, text } of generatedFiles()) {
    test(`${path} is fresh`, () => {
      assert.equal(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'), text);
    });
  }

  test('every key of the schema has a description', () => {
    assert.deepEqual(undescribed(configJsonSchema() as Schema, ''), []);
  });
});

function undescribed(schema: Schema, path: string): readonly string[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => {
    const at = `${path}.${key}`;
    return [...(value.description === undefined ? [at] : []), ...undescribed(value, at)];
  });
  const parts = [schema.items, schema.additionalProperties || undefined, ...(schema.anyOf ?? [])];
  const inner = parts.flatMap((part) => (part === undefined ? [] : undescribed(part, path)));
  const definitions = Object.entries(schema.definitions ?? {}).flatMap(([name, value]) => undescribed(value, name));
  return [...own, ...inner, ...definitions];
}
