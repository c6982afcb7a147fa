// One command of the real program and the exit code that it must have; what it said is returned.
import assert from 'node:assert/strict';
import type { Cluster } from './cluster.ts';
import type { CommandResult } from './run-oneup.ts';
import { waitUntil } from './wait-until.ts';

/** What a controller or a prober that is late for a moment costs on a busy machine; nothing was begun. */
const PASSES = /Refused by S24\.quorum-pending|"rule": ?"S24\.quorum-pending"|the command was taken back/;

/** What came of it, once nothing is in its way that passes by itself: then a person asks again. */
export function askedAgain(cluster: Cluster, ...argv: readonly string[]): Promise<CommandResult> {
  return waitUntil(`oneup ${argv.join(' ')} to be judged`, async () => {
    const result = await cluster.oneup(...argv);
    const text = `${result.stdout}${result.stderr}`;
    if ((result.code === 6 || result.code === 7) && PASSES.test(text)) throw new Error(text);
    return result;
  });
}

/** Standard output, then standard error without the progress of an operation. */
export async function expectExit(cluster: Cluster, code: number, ...argv: readonly string[]): Promise<string> {
  const result = await askedAgain(cluster, ...argv);
  assert.equal(result.code, code, `oneup ${argv.join(' ')}: ${result.stdout}${result.stderr}`);
  return result.stdout === '' ? result.stderr : result.stdout;
}

/** The JSON of a command that must succeed. */
export async function jsonOf<T>(cluster: Cluster, ...argv: readonly string[]): Promise<T> {
  return JSON.parse(await expectExit(cluster, 0, ...argv, '--json')) as T;
}
