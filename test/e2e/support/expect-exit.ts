// One command of the real program and the exit code that it must have; what it said is returned.
import assert from 'node:assert/strict';
import type { Cluster } from './cluster.ts';

/** Standard output, then standard error without the progress of an operation. */
export async function expectExit(cluster: Cluster, code: number, ...argv: readonly string[]): Promise<string> {
  const result = await cluster.oneup(...argv);
  assert.equal(result.code, code, `oneup ${argv.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout === '' ? result.stderr : result.stdout;
}

/** The JSON of a command that must succeed. */
export async function jsonOf<T>(cluster: Cluster, ...argv: readonly string[]): Promise<T> {
  return JSON.parse(await expectExit(cluster, 0, ...argv, '--json')) as T;
}
