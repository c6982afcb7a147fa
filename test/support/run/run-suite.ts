// Runs one suite, shows its output as it comes, and counts what passed and failed. A command counts as one test.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { REPOSITORY } from '../house/source-tree.ts';
import type { Suite } from './suites.ts';

export type SuiteResult = {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly durationMs: number;
};

/** Never throws for what the suite finds; a suite without files has nothing to count and is shown as empty. */
export async function runSuite(suite: Suite): Promise<SuiteResult> {
  const started = performance.now();
  const counts = suite.kind === 'command' ? await runCommand(suite.argv) : await runTests(suite);
  return { name: suite.name, ...counts, durationMs: performance.now() - started };
}

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

async function runCommand([program = '', ...args]: readonly string[]): Promise<Counts> {
  const path = [join(REPOSITORY, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(program, args, { cwd: REPOSITORY, stdio: 'inherit', env: { ...process.env, PATH: path } });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function runTests(suite: Suite & { readonly kind: 'tests' }): Promise<Counts> {
  const find = (patterns: readonly string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY }));
  const left = new Set(find(suite.without ?? []));
  const files = find(suite.patterns)
    .filter((file) => !left.has(file))
    .sort();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 };
  const absolute = files.map((file) => join(REPOSITORY, file));
  const { concurrency, testTimeoutMs: timeout } = suite;
  const stream = run({ files: absolute, concurrency, timeout, cwd: REPOSITORY });
  let counts: Counts | null = null;
  let fileFailures = 0;
  stream.on('test:summary', ({ file, counts: found }) => {
    // One summary comes for each file and one, without a file, for all of them.
    if (file !== undefined) return;
    const { tests, passed, skipped, todo } = found;
    counts = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
  });
  stream.on('test:fail', ({ nesting }) => {
    fileFailures += nesting === 0 ? 1 : 0;
  });
  const report = stream.compose(spec);
  report.pipe(process.stdout, { end: false });
  await new Promise((resolve) => report.once('end', resolve));
  return counts ?? { passed: 0, failed: Math.max(1, fileFailures), skipped: 0 };
}
