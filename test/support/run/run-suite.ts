// Runs one suite, shows its output as it comes, and counts what passed and failed. A command counts as one test.
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';
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
  /** Tests that failed by themselves, not those that hold one; a suite that is a command has none. */
  readonly failures: readonly Failure[];
};

export type Failure = { readonly file: string; readonly test: string; readonly reason: string };

/** Never throws for what the suite finds; a suite without files has nothing to count and is shown as empty. */
export async function runSuite(suite: Suite): Promise<SuiteResult> {
  const started = performance.now();
  const counts = suite.kind === 'command' ? await runCommand(suite.argv) : await runTests(suite);
  return { name: suite.name, ...counts, durationMs: performance.now() - started };
}

type Counts = Omit<SuiteResult, 'name' | 'durationMs'>;

async function runCommand([program = '', ...args]: readonly string[]): Promise<Counts> {
  const path = [join(REPOSITORY, 'node_modules/.bin'), process.env.PATH].join(delimiter);
  const child = spawn(program, args, { cwd: REPOSITORY, stdio: 'inherit', env: { ...process.env, PATH: path } });
  const code = await new Promise<number>((resolve) => {
    child.once('error', () => resolve(127));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, failures: [] };
}

async function runTests(suite: Suite & { readonly kind: 'tests' }): Promise<Counts> {
  const find = (patterns: readonly string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY }));
  const left = new Set(find(suite.without ?? []));
  const files = find(suite.patterns)
    .filter((file) => !left.has(file))
    .sort();
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  const absolute = files.map((file) => join(REPOSITORY, file));
  const { concurrency, testTimeoutMs: timeout } = suite;
  const stream = run({ files: absolute, concurrency, timeout, cwd: REPOSITORY });
  let counts: Omit<Counts, 'failures'> | null = null;
  let fileFailures = 0;
  const failures: Failure[] = [];
  stream.on('test:summary', ({ file, counts: found }) => {
    // One summary comes for each file and one, without a file, for all of them.
    if (file !== undefined) return;
    const { tests, passed, skipped, todo } = found;
    counts = { passed, failed: tests - passed - skipped - todo, skipped: skipped + todo };
  });
  stream.on('test:fail', ({ nesting, name, file = '', details }) => {
    fileFailures += nesting === 0 ? 1 : 0;
    const reason = ownReason(details.error);
    if (reason !== null) failures.push({ file: relative(REPOSITORY, file), test: name, reason });
  });
  const report = stream.compose(spec);
  report.pipe(process.stdout, { end: false });
  await new Promise((resolve) => report.once('end', resolve));
  return { ...(counts ?? { passed: 0, failed: Math.max(1, fileFailures), skipped: 0 }), failures };
}

/** null for a test that failed only because one in it did. */
function ownReason(error: Error & { failureType?: string; cause?: unknown }): string | null {
  if (error.failureType === 'subtestsFailed') return null;
  const { cause } = error;
  if (!(cause instanceof Error)) return String(cause ?? error.message);
  const inner =
    cause.cause === undefined ? '' : ` [${cause.cause instanceof Error ? cause.cause.message : String(cause.cause)}]`;
  return `${cause.message}${inner}`;
}
