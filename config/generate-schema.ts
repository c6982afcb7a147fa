// Writes config/schema.json and docs/configuration.md (`npm run schema`); a test fails when they are stale.
// It is a program for people who change the schema and takes no part in the service.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configJsonSchema } from '../src/config/json-schema.ts';
import { referencePage, type Schema } from './reference-page.ts';

/** Both generated files, by their place in the repository. */
export function generatedFiles(): readonly { readonly path: string; readonly text: string }[] {
  const schema = configJsonSchema();
  return [
    { path: 'config/schema.json', text: `${JSON.stringify(schema, null, 2)}\n` },
    { path: 'docs/configuration.md', text: referencePage(schema as Schema) },
  ];
}

if (import.meta.main) {
  for (const { path, text } of generatedFiles())
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text);
}
