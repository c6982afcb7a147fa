// The house rules about who may import whom. The table itself is data, test/support/house/import-table.ts; this file
// holds the house to it and proves that each kind of forbidden import is really found.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { checkImports } from './support/house/check-imports.ts';
import { IMPORT_TABLE, WIRING } from './support/house/import-table.ts';
import { formatOffences } from './support/house/offence.ts';
import { scanImports } from './support/house/scan-imports.ts';
import { isTypeScript, REPOSITORY, readTree } from './support/house/source-tree.ts';

/** Files that exist in the self-test, with what each imports and the words that the finding must contain. */
const FORBIDDEN: readonly { readonly path: string; readonly text: string; readonly expected: RegExp | null }[] = [
  { path: 'src/base/result.ts', text: '', expected: null },
  { path: 'src/ports/store.ts', text: '', expected: null },
  { path: 'src/config/load.ts', text: "import { readFileSync } from 'node:fs';", expected: null },
  { path: 'src/config/config.ts', text: "import { z } from 'zod';", expected: null },
  { path: 'src/dns/digest.ts', text: "import { createHmac } from 'node:crypto';", expected: null },
  { path: 'src/nodes/exec/types.ts', text: "import type { Config } from '../../config/config.ts';", expected: null },
  { path: 'src/controller/read-model.ts', text: '', expected: null },
  { path: 'src/api/ok.ts', text: "import { read } from '../controller/read-model.ts';", expected: null },
  { path: 'src/plan/commented.ts', text: "// import { x } from '../ports/store.ts';", expected: null },
  { path: 'src/plan/quoted.ts', text: `const text = "import { x } from 'node:fs'";`, expected: null },
  { path: 'src/main.ts', text: "import { run } from './cli/run.ts';", expected: null },
  { path: 'src/cli/run.ts', text: "import { x } from '../../providers/builtin/index.ts';", expected: null },
  { path: 'providers/builtin/index.ts', text: '', expected: null },
  { path: 'src/store/memory/index.ts', text: '', expected: null },
  { path: 'src/base/up.ts', text: "import { x } from '../dns/digest.ts';", expected: /may not import src\/dns/ },
  { path: 'src/plan/port.ts', text: "import type { Store } from '../ports/store.ts';", expected: /src\/ports/ },
  { path: 'src/plan/file.ts', text: "import { readFileSync } from 'node:fs';", expected: /pure room.*node:fs/ },
  { path: 'src/zone/hash.ts', text: "import { createHash } from 'node:crypto';", expected: /node:crypto/ },
  { path: 'src/zone/yaml.ts', text: "import { parse } from 'yaml';", expected: /package yaml/ },
  { path: 'src/ports/value.ts', text: "import { ok } from '../base/result.ts';", expected: /only types/ },
  { path: 'src/nodes/exec/value.ts', text: "import { a } from '../../config/config.ts';", expected: /only types/ },
  { path: 'src/store/sqlite/kin.ts', text: "import { a } from '../memory/index.ts';", expected: /Kinds of one room/ },
  { path: 'providers/memory/kin.ts', text: "import { a } from '../builtin/index.ts';", expected: /may not import/ },
  { path: 'providers/nowhere/index.ts', text: '', expected: /no sentence/ },
  { path: 'src/attic/box.ts', text: '', expected: /no sentence/ },
  { path: 'src/controller/disk.ts', text: "import { rm } from 'node:fs/promises';", expected: /node:fs\/promises/ },
  { path: 'src/controller/wire.ts', text: "import { a } from '../cli/run.ts';", expected: /may not import src\/cli/ },
  { path: 'src/prober/load.ts', text: "import { l } from '../config/load.ts';", expected: /Only src\/cli/ },
  { path: 'src/prober/paint.ts', text: "import chalk from 'chalk';", expected: /package chalk/ },
  {
    path: 'src/api/loop.ts',
    text: "import { a } from '../controller/disk.ts';",
    expected: /may not import src\/controller/,
  },
  { path: 'src/server/side.ts', text: "import 'node:net';", expected: /side effect/ },
  { path: 'src/server/late.ts', text: 'const m = await import(name);', expected: /dynamic import/ },
  { path: 'src/server/lazy.ts', text: "const m = await import('../store/memory/index.ts');", expected: /src\/store/ },
  { path: 'src/server/js.ts', text: "import { a } from '../base/result.js';", expected: /end in \.ts/ },
  { path: 'src/server/gone.ts', text: "export { a } from '../base/gone.ts';", expected: /no file of the house/ },
  { path: 'src/base/one.ts', text: "import { b } from './two.ts';", expected: null },
  { path: 'src/base/two.ts', text: "import { a } from './one.ts';", expected: /circle: src\/base\/one\.ts/ },
];

describe('architecture', () => {
  test('the house keeps to its import table', () => {
    const files = readTree(['src', 'providers', 'web'], isTypeScript);
    assert.ok(files.length > 20, 'the house was found');
    const offences = checkImports(files);
    assert.equal(offences.length, 0, `\n${formatOffences(offences)}\n`);
  });

  test('production code imports each of the prescribed packages', () => {
    const files = readTree(['src', 'providers'], isTypeScript);
    const imported = files.flatMap(scanImports).filter(({ kind }) => kind === 'value' || kind === 'dynamic');
    const specifiers = new Set(imported.map(({ specifier }) => specifier));
    for (const name of ['dns2', '@aws-sdk/client-route-53', 'cloudflare', 'node-cron', 'pino']) {
      const isUsed = [...specifiers].some((specifier) => specifier === name || specifier.startsWith(`${name}/`));
      assert.ok(isUsed, `no file below src or providers imports ${name}`);
    }
  });

  test('arrows of the table point down only', () => {
    const order = IMPORT_TABLE.map(({ folder }) => folder);
    for (const [place, { folder, uses, usesTypesOf }] of IMPORT_TABLE.entries()) {
      for (const used of [...uses, ...usesTypesOf]) {
        if (used === '*') assert.ok(WIRING.includes(folder), `${folder} may not use everything`);
        else assert.ok(order.findIndex((room) => used.startsWith(room)) < place, `${folder} is below ${used}`);
      }
    }
  });

  test('every row of the table is shown in docs/architecture.md', () => {
    const page = readFileSync(join(REPOSITORY, 'docs/architecture.md'), 'utf8');
    for (const { folder, sentence } of IMPORT_TABLE) {
      assert.ok(page.includes(`| \`${folder}\` | ${sentence} |`), `docs/architecture.md lacks the row of ${folder}`);
    }
  });

  test('every forbidden import of the fixture is found, and nothing else', () => {
    const offences = checkImports(FORBIDDEN);
    for (const { path, expected } of FORBIDDEN) {
      const found = offences.filter(({ file }) => file === path).map(({ rule }) => rule);
      if (expected === null) assert.deepEqual(found, [], path);
      else assert.match(found.join('\n'), expected, path);
    }
  });

  test('an offence names file, line and the sentence of the room', () => {
    const text = "// A line before it.\nimport { readFileSync } from 'node:fs';\n";
    const report = formatOffences(checkImports([{ path: 'src/plan/file.ts', text }]));
    assert.match(report, /^src\/plan\/file\.ts:2: A pure room may not import node:fs\. \(src\/plan: Desired RRsets/);
  });
});
