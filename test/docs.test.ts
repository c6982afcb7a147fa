// The documents are held to the code: commands of the README run, examples parse, links lead somewhere, generated pages
// are fresh. A block of the README is run when its fence reads ```sh runnable; it runs in the repository with bash.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join, posix } from 'node:path';
import { describe, test } from 'node:test';
import { cliPage } from '../docs/cli-page.ts';
import { errorsPage } from '../docs/generate.ts';
import { rulesPage } from '../docs/rules-page.ts';
import { stateMachinePage } from '../docs/state-machine-page.ts';
import { parseAgentFile } from '../src/config/agent-file.ts';
import { formatProblems } from '../src/config/format-problems.ts';
import { parseConfig } from '../src/config/parse-config.ts';
import { PHASES } from '../src/failover/phase-table.ts';
import { fencedBlocks, headingAnchors, markdownLinks } from './support/docs/markdown-blocks.ts';
import { isTypeScript, REPOSITORY, readTree, type SourceFile } from './support/house/source-tree.ts';
import { createAuthority } from './support/servers/certificates.ts';

/** A command of the README that takes longer is not one that a reader wants to try. */
const BLOCK_TIMEOUT_MS = 60_000;
const COMMANDS = ['npm ci && npm run demo', 'npm ci && npm test'];

const COMMANDS_PAGE = cliPage();
const SHARED_OPTIONS = COMMANDS_PAGE.split('## Options of every command')[1]?.split('\n## ')[0] ?? '';

const PAGES = readTree(['.'], (path) => path.endsWith('.md'));

describe('README', () => {
  const readme = read('README.md');

  test('shows how to try and how to test', () => {
    for (const command of COMMANDS) assert.ok(readme.includes(command), `README.md does not show: ${command}`);
  });

  for (const { text, line } of fencedBlocks(readme).filter(isRunnable)) {
    test(`the block at line ${line} runs`, () => {
      const { status, output } = runBlock(text);
      assert.equal(status, 0, `README.md:${line} ended with ${status}:\n${output}`);
    });
  }
});

describe('documents', () => {
  test('every configuration example is one that oneup accepts', () => {
    assert.deepEqual(PAGES.flatMap(configFaults), []);
  });

  test('relative links lead to files and headings', () => {
    assert.deepEqual(PAGES.flatMap(brokenLinks), []);
  });

  test('docs/errors.md is what the catalogue says; npm run docs writes it', () => {
    assert.ok(read('docs/errors.md') === errorsPage(), 'docs/errors.md is stale: run npm run docs');
  });

  test('docs/cli.md is what the program says; npm run docs writes it', () => {
    assert.ok(read('docs/cli.md') === cliPage(), 'docs/cli.md is stale: run npm run docs');
  });

  test('docs/rules.md explains every rule that can be printed; npm run docs writes it', () => {
    assert.ok(read('docs/rules.md') === rulesPage(), 'docs/rules.md is stale: run npm run docs');
    const ids = [...read('src/failover/refusal.ts').matchAll(/^ {2}\| '([^']+)'/gm)].map((match) => match[1] ?? '');
    assert.ok(ids.length > 20);
    for (const id of ids) assert.ok(read('docs/rules.md').includes(`| \`${id}\` |`), `docs/rules.md lacks ${id}`);
  });

  test("docs/state-machine.md is the machine's own table, and its drawing has every phase; npm run docs writes it", () => {
    const page = read('docs/state-machine.md');
    assert.ok(page === stateMachinePage(), 'docs/state-machine.md is stale: run npm run docs');
    const drawn = page.slice(0, page.indexOf('## Phases'));
    for (const phase of Object.keys(PHASES)) assert.ok(drawn.includes(phase), `the drawing lacks ${phase}`);
  });

  test('every command in a shell block is one that the program has', () => {
    assert.deepEqual(PAGES.flatMap(unknownCommands), []);
  });

  test('every remedy that the program prints names commands that it has', () => {
    const code = readTree(['src', 'providers'], isTypeScript).map(({ path, text }) => ({ path, text: remedies(text) }));
    assert.ok(
      code.some(({ text }) => text.includes('oneup rejoin')),
      'remedies were found',
    );
    assert.deepEqual(code.flatMap(unknownCommands), []);
  });

  test('docs/glossary.md defines the words of the house', () => {
    const glossary = read('docs/glossary.md');
    for (const word of GLOSSARY) assert.ok(glossary.includes(`| **${word}** |`), `docs/glossary.md lacks ${word}`);
  });

  test('every ADR is numbered without gaps and has the sections of the template', () => {
    const records = readTree(['docs/adr'], (path) => /\/\d{4}-.*\.md$/.test(path));
    const sections = headings(read('docs/adr/template.md'));
    assert.ok(records.length > 0);
    for (const [index, { path, text }] of records.entries()) {
      assert.ok(posix.basename(path).startsWith(`${String(index + 1).padStart(4, '0')}-`), path);
      assert.deepEqual(headings(text), sections, path);
    }
  });
});

describe('docs: self-test', () => {
  test('finds a command or an option that the program does not have', () => {
    const text =
      '```sh\noneup status\noneup statsu\noneup adopt web --node a\noneup adopt web --nod a\noneup init web\n```\n`oneup gone web`';
    const found = unknownCommands({ path: 'docs/x.md', text });
    assert.deepEqual(found, [
      'docs/x.md: oneup statsu',
      'docs/x.md: oneup adopt --nod',
      'docs/x.md: oneup init takes no web',
      'docs/x.md: oneup gone',
    ]);
  });

  test('runs a marked block and reports its failure', () => {
    const page = 'a\n```sh runnable\ntest -f package.json\nnode --version\nexit 3\n```\n```sh\nexit 1\n```\n';
    const [block, ...others] = fencedBlocks(page).filter(isRunnable);
    assert.ok(block !== undefined && others.length === 0);
    const { status, output } = runBlock(block.text);
    assert.equal(status, 3);
    assert.match(output, /^v24\./);
  });

  test('finds a configuration example that oneup refuses, and leaves excerpts alone', () => {
    const text =
      '```yaml\ncluster: { name: prod, nmae: x }\n```\n```yaml\nproviders: {}\n```\n```yaml\n# file: a.yaml\n{}\n```\n';
    assert.equal(configFaults({ path: 'docs/x.md', text }).length, 2);
  });

  test('reads the file of an agent as one', () => {
    const text = '```yaml\ncluster: prod\nagent: a\nprobers: ["http://192.0.2.1:7800"]\ntoken: x\n```\n';
    const [found = '', ...others] = configFaults({ path: 'docs/x.md', text });
    assert.match(found, /probers\[0\]: expected https/);
    assert.equal(others.length, 0);
  });

  test('finds links to missing files and headings, and no others', () => {
    const text =
      '[a](gone.md) [b](errors.md) [c](errors.md#exit-codes) [d](errors.md#nope) [e](https://example.com/x) `[f](no)`';
    const found = brokenLinks({ path: 'docs/x.md', text });
    assert.deepEqual(found, ['docs/x.md:1: gone.md', 'docs/x.md:1: errors.md#nope']);
  });
});

const CERTIFIED = createAuthority().certify(['DNS:p1.example.com']);

const GLOSSARY = [
  ...['service', 'node', 'active', 'standby', 'prober', 'vantage', 'check', 'result', 'verdict', 'observation'],
  ...['quorum outcome', 'controller', 'term', 'epoch', 'grant', 'breadcrumb', 'operation', 'step', 'journal'],
  ...['fence ladder', 'generation', 'lease', 'keeper', 'runner', 'guard', 'stable', 'startable', 'cutover'],
  ...['drain horizon', 'agent'],
];

function read(path: string): string {
  const absolute = join(REPOSITORY, path);
  return existsSync(absolute) ? readFileSync(absolute, 'utf8') : '';
}

function headings(page: string): readonly string[] {
  return [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1] ?? '');
}

function isRunnable({ language, marks }: { readonly language: string; readonly marks: readonly string[] }): boolean {
  return language === 'sh' && marks.includes('runnable');
}

function runBlock(text: string): { readonly status: number | null; readonly output: string } {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const path = [dirname(process.execPath), join(REPOSITORY, 'node_modules/.bin'), env.PATH].join(delimiter);
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: REPOSITORY,
    env: { ...env, PATH: path },
    encoding: 'utf8',
    timeout: BLOCK_TIMEOUT_MS,
  });
  return { status, output: stdout + stderr };
}

/** A whole configuration begins with `# file:` or has the key `cluster`, the file of an agent `agent` too; the rest are excerpts. */
function configFaults({ path, text }: SourceFile): readonly string[] {
  const examples = fencedBlocks(text).filter(
    (block) => block.language === 'yaml' && (block.text.startsWith('# file:') || /^cluster:/m.test(block.text)),
  );
  return examples.flatMap((block) => {
    const anything = () => 'example-value';
    const env = Object.fromEntries(
      [...block.text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, anything()]),
    );
    const readFile = (path: string) =>
      ({ ok: true, value: { text: fileText(path) ?? anything(), mode: 0o600 } }) as const;
    const options = { env, readFile, baseDir: '/', fileName: `${path}:${block.line}`, localAddresses: null };
    const parsed = /^agent:/m.test(block.text) ? parseAgentFile(block.text, options) : parseConfig(block.text, options);
    return parsed.ok ? [] : [formatProblems(parsed.error)];
  });
}

/** Certificates are read, and have to fit their keys. */
function fileText(path: string): string | null {
  if (path.endsWith('cert.pem')) return CERTIFIED.cert;
  return path.endsWith('key.pem') ? CERTIFIED.key : null;
}

/** What the code tells people to run, as inline code: `oneup why web` for a text with \`oneup why ${"$"}{id}\`. */
function remedies(code: string): string {
  const strings = [...code.matchAll(/(['`])((?:(?!\1).)*\boneup (?:(?!\1).)*)\1/g)].map((match) => match[2] ?? '');
  const commands = strings.flatMap((text) => [
    ...text.matchAll(/\b(?:run|with|see|See|to|yourself:) (oneup [a-z-]+(?: \$\{[^}]+\}| --[a-z-]+)*)/g),
  ]);
  return commands.map(([, command = '']) => `\`${command.replaceAll(/\$\{[^}]+\}/g, 'X')}\``).join('\n');
}

/** Commands in shell blocks and in inline code that begins with `oneup`, held to docs/cli.md. */
function unknownCommands({ path, text }: SourceFile): readonly string[] {
  const inline = [...text.matchAll(/`(oneup [^`\n]+)`/g)].map((match) => match[1] ?? '');
  const lines = fencedBlocks(text).filter(({ language }) => language === 'sh');
  const code = [...lines.map((block) => block.text), ...inline].join('\n');
  return [...code.matchAll(/\boneup ([a-z][a-z-]*)([^\n;&|#]*)/g)].flatMap(([, name = '', rest = '']) => {
    const section = COMMANDS_PAGE.split(`\n## ${name}\n`)[1]?.split('\n## ')[0];
    if (section === undefined) return [`${path}: oneup ${name}`];
    const takesWords = section.includes(`oneup ${name} <`) || section.includes(`oneup ${name} [`);
    if (!takesWords && /^ [A-Za-z]/.test(rest)) return [`${path}: oneup ${name} takes no${rest}`];
    const isKnown = (option: string) => new RegExp(`${option}[ \`,]`).test(section + SHARED_OPTIONS);
    const unknown = [...rest.matchAll(/(?<=\s)--[a-z-]+/g)]
      .map(([option]) => option)
      .filter((option) => !isKnown(option));
    return unknown.map((option) => `${path}: oneup ${name} ${option}`);
  });
}

function brokenLinks({ path, text }: SourceFile): readonly string[] {
  return markdownLinks(text)
    .filter(({ target }) => !/^[a-z]+:/.test(target) && !leadsSomewhere(path, text, target))
    .map(({ target, line }) => `${path}:${line}: ${target}`);
}

function leadsSomewhere(path: string, text: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const resolved = file === '' ? path : posix.join(posix.dirname(path), file);
  if (!existsSync(join(REPOSITORY, resolved))) return false;
  return anchor === undefined || headingAnchors(file === '' ? text : read(resolved)).has(anchor);
}
