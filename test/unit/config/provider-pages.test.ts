// The examples of providers in the documents are excerpts: put together for each page, they are a configuration that is accepted.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { formatProblems } from '../../../src/config/format-problems.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { TEST_TSIG } from '../../support/config-input.ts';
import { configText } from '../../support/config-text.ts';
import { fencedBlocks } from '../../support/docs/markdown-blocks.ts';
import { REPOSITORY } from '../../support/house/source-tree.ts';

const KINDS = ['builtin', 'cloudflare', 'powerdns', 'rfc2136', 'route53'];
const PAGES = [
  'docs/providers.md',
  'docs/provider-calls.md',
  ...readdirSync(join(REPOSITORY, 'providers'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'memory')
    .map(({ name }) => `providers/${name}/README.md`),
];

describe('examples of providers', () => {
  for (const page of PAGES) {
    test(`${page} holds excerpts that are accepted together`, () => {
      const { text, excerpts } = together(readFileSync(join(REPOSITORY, page), 'utf8'));
      assert.ok(excerpts > 0, 'an excerpt was found');
      const parsed = load(text);
      assert.ok(parsed.ok, parsed.ok ? '' : `${formatProblems(parsed.error)}\n${text}`);
    });
  }

  test('docs/providers.md has an example of every kind, and config/complete.yaml too', () => {
    for (const path of ['docs/providers.md', 'config/complete.yaml']) {
      const page = readFileSync(join(REPOSITORY, path), 'utf8');
      const parsed = load(path.endsWith('.md') ? together(page).text : page);
      assert.ok(parsed.ok, parsed.ok ? '' : formatProblems(parsed.error));
      assert.deepEqual([...new Set(parsed.value.config.providers.map(({ kind }) => kind))].sort(), KINDS);
    }
  });
});

/** Blocks that begin with `providers:` or `services:`, below one such key each. */
function together(page: string): { readonly text: string; readonly excerpts: number } {
  const blocks = fencedBlocks(page).filter(({ language }) => language === 'yaml');
  const bodiesOf = (key: string) =>
    blocks.flatMap(({ text }) => (text.startsWith(`${key}:\n`) ? [text.slice(key.length + 2).trimEnd()] : []));
  const [providers, services] = [bodiesOf('providers'), bodiesOf('services')];
  const section = (key: string, bodies: readonly string[]) => (bodies.length === 0 ? [] : [`${key}:`, ...bodies]);
  const [head = ''] = configText().split('\nservices:');
  const text = [head, ...section('providers', providers), ...section('services', services), ''].join('\n');
  return { text, excerpts: providers.length + services.length };
}

function load(text: string) {
  const env = Object.fromEntries([...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, TEST_TSIG]));
  // Base64, which every kind of secret may be.
  const readFile = () => ({ ok: true, value: { text: TEST_TSIG, mode: 0o600 } }) as const;
  return parseConfig(text, { env, readFile, baseDir: '/', fileName: 'page', localAddresses: null });
}
