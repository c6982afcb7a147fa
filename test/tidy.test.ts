// The house rules about the shape of files: sizes, banned calls, module state, names, words and safety rule ids.
// The rules are data in test/support/house/tidy-rules.ts; the second half proves that each of them finds something.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkDocument, checkDoors, checkTypeScript } from './support/house/check-tidy.ts';
import { maskSource } from './support/house/mask-source.ts';
import { measureFunctions } from './support/house/measure-functions.ts';
import { formatOffences, type Offence } from './support/house/offence.ts';
import { checkSafetyRules, definedSafetyRules } from './support/house/safety-rules.ts';
import { isTypeScript, readTree } from './support/house/source-tree.ts';

const CODE = readTree(['src', 'providers', 'test', 'docs', 'config', 'bench'], isTypeScript);
const DOCUMENTS = readTree(['.'], (path) => path.endsWith('.md'));
const SAFETY = DOCUMENTS.find(({ path }) => path === 'docs/safety.md')?.text ?? '';

describe('tidy', () => {
  test('every TypeScript file keeps the rules', () => {
    assert.ok(CODE.length > 30, 'the house was found');
    assertNone(CODE.flatMap(checkTypeScript));
  });

  test('every index.ts is a door that somebody uses', () => assertNone(checkDoors(CODE, CODE)));

  test('every document keeps the rules', () => {
    assert.ok(DOCUMENTS.length > 5, 'the documents were found');
    assertNone(DOCUMENTS.filter(({ path }) => path !== 'docs/glossary.md').flatMap(checkDocument));
  });

  test('docs/safety.md defines S1 to S38 once each, and code names no other rule', () => {
    const expected = Array.from({ length: 38 }, (_, index) => `S${index + 1}`);
    assert.deepEqual(definedSafetyRules(SAFETY), expected);
    assertNone(checkSafetyRules(CODE, SAFETY));
  });
});

const HEADER = '// This comment is long enough to say what the file decides and what not.\n';

/** One mistake each; the finding must match. */
const MISTAKES: readonly { readonly path: string; readonly text: string; readonly expected: RegExp }[] = [
  { path: 'src/base/long.ts', text: HEADER + 'const a = 1;\n'.repeat(300), expected: /file of 301 lines/ },
  {
    path: 'src/base/deep.ts',
    text: `${HEADER}function f() {\n${'  g();\n'.repeat(70)}}\n`,
    expected: /function of 72 lines/,
  },
  { path: 'src/base/bare.ts', text: 'export const a = 1;\n', expected: /opens with a comment/ },
  { path: 'src/base/utils.ts', text: HEADER, expected: /utils says nothing/ },
  { path: 'src/common/a.ts', text: HEADER, expected: /common says nothing/ },
  { path: 'src/base/camelCase.ts', text: HEADER, expected: /kebab-case/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = () => Date.now();\n`, expected: /Date\.now/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = performance.now;\n`, expected: /performance\.now/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = new Date();\n`, expected: /new Date/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = process.hrtime.bigint();\n`, expected: /hrtime/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = setTimeout(f, 1);\n`, expected: /setTimeout/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = globalThis.setInterval(f, 1);\n`, expected: /setInterval/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = AbortSignal.timeout(1);\n`, expected: /AbortSignal/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = Math.random();\n`, expected: /Math\.random/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = process.env.HOME;\n`, expected: /process\.env/ },
  { path: 'src/base/a.ts', text: `${HEADER}const a = () => process.exit(1);\n`, expected: /process\.exit/ },
  { path: 'src/base/a.ts', text: `${HEADER}import { a } from 'node:timers';\n`, expected: /node:timers/ },
  { path: 'src/base/a.ts', text: `${HEADER}enum A { B }\n`, expected: /union of strings/ },
  { path: 'src/base/a.ts', text: `${HEADER}export default f;\n`, expected: /by name/ },
  { path: 'src/base/a.ts', text: `${HEADER}export * from './b.ts';\n`, expected: /re-exports by name/ },
  { path: 'src/base/a.ts', text: `${HEADER}export const f = (a: number) => a;\n`, expected: /named function/ },
  { path: 'src/base/a.ts', text: `${HEADER}let count = 0;\n`, expected: /Module state.*let count/ },
  { path: 'src/base/a.ts', text: `${HEADER}const seen = new Map<string, number>();\n`, expected: /Module state.*seen/ },
  { path: 'src/base/a.ts', text: `${HEADER}const seen: string[] = [];\n`, expected: /Module state.*seen/ },
  { path: 'src/base/a.ts', text: `${HEADER}start();\n`, expected: /acts on import/ },
  { path: 'src/base/a.ts', text: `${HEADER}await start();\n`, expected: /acts on import/ },
  { path: 'src/base/a.ts', text: `${HEADER}// ${'TO'}${'DO'} later\n`, expected: /Finish it/ },
  { path: 'src/base/a.ts', text: `${HEADER}// @ts-${'ignore'}\n`, expected: /silenced/ },
  { path: 'src/base/a.ts', text: `${HEADER}// The ${'lea'}${'der'} writes.\n`, expected: /controller or term/ },
  {
    path: 'src/base/a.ts',
    text: `${HEADER}const a = '/${'ho'}${'me'}/someone/oneup';\n`,
    expected: /path of one machine/,
  },
  { path: 'test/a.test.ts', text: `${HEADER}test.only('x', f);\n`, expected: /remove only/ },
  { path: 'test/a.test.ts', text: `${HEADER}test('x', { skip: true }, f);\n`, expected: /No skipped/ },
  { path: 'test/a.test.ts', text: `${HEADER}describe.skip('x', f);\n`, expected: /No skipped/ },
  { path: 'test/a.test.ts', text: `${HEADER}t.skip();\n`, expected: /says why/ },
  { path: 'test/a.test.ts', text: `${HEADER}await setTimeout(1_500);\n`, expected: /fixed sleep/ },
];

/** What looks like a mistake and is none. */
const FINE: readonly { readonly path: string; readonly text: string }[] = [
  { path: 'src/base/a.ts', text: `${HEADER}// Date.now() would read a clock.\nconst a = 'Date.now()';\n` },
  { path: 'src/base/a.ts', text: `${HEADER}const a = new Date(wallMs).toISOString();\n` },
  { path: 'src/base/a.ts', text: `${HEADER}function f(s: Socket) {\n  s.setTimeout(5);\n}\n` },
  { path: 'src/base/a.ts', text: `${HEADER}const NAMES: ReadonlySet<string> = new Set(['a']);\n` },
  { path: 'src/base/a.ts', text: `${HEADER}const P = /['"\`]\\/{/g;\nconst q = \`a \${f('}')} b\`;\n` },
  { path: 'src/base/a.ts', text: `${HEADER}function f() {\n  let count = 0;\n  start();\n}\n` },
  { path: 'src/clock/system-clock.ts', text: `${HEADER}export const a = { wallMs: () => Date.now() };\n` },
  { path: 'src/main.ts', text: `${HEADER}process.exitCode = await run(process.env);\n` },
  { path: 'test/a.test.ts', text: `${HEADER}await setTimeout(1_000);\nt.skip('needs root');\n` },
];

describe('tidy: self-test', () => {
  for (const { path, text, expected } of MISTAKES) {
    test(`finds ${expected.source} in ${path}`, () => {
      assert.match(
        checkTypeScript({ path, text })
          .map(({ rule }) => rule)
          .join('\n'),
        expected,
      );
    });
  }

  for (const [index, file] of FINE.entries()) {
    test(`leaves fine text ${index + 1} alone`, () => assertNone(checkTypeScript(file)));
  }

  test('finds an unused door, an unknown safety rule and a bad word in a document', () => {
    assert.equal(checkDoors([{ path: 'src/plan/index.ts', text: HEADER }], []).length, 1);
    assert.match(
      formatOffences(checkSafetyRules([{ path: 'src/a.ts', text: '// see S99' }], SAFETY)),
      /src\/a\.ts:1:.*S99/,
    );
    assert.equal(checkDocument({ path: 'docs/a.md', text: `one\nthe ${'sla'}${'ve'}\n` })[0]?.line, 2);
  });

  test('measureFunctions sees return types that contain braces, methods and nesting', () => {
    const body = '  g();\n'.repeat(5);
    const text = `function a(): { readonly x: number } {\n${body}}\nclass B {\n  c(): Result<A, B> {\n${body}  }\n}\n`;
    assert.deepEqual(
      measureFunctions(maskSource(text).code).map(({ line, lines }) => ({ line, lines })),
      [
        { line: 1, lines: 7 },
        { line: 9, lines: 7 },
      ],
    );
    const nested = `f(() => {\n  g(() => {\n${body}  });\n});\n`;
    assert.deepEqual(
      measureFunctions(maskSource(nested).code).map(({ ownLines }) => ownLines),
      [2, 7],
    );
  });
});

function assertNone(offences: readonly Offence[]): void {
  assert.equal(offences.length, 0, `\n${formatOffences(offences)}\n`);
}
