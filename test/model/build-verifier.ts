// Runs spin, the compiler and the verifier that they make, each bounded by a timeout, in a folder that is given.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '../support/house/source-tree.ts';
import type { Property } from './variants.ts';

export const MODEL = 'docs/model/failover.pml';
const TOOL_TIMEOUT_MS = 60_000;
/** Ten times what the longest search takes on one slow core. */
const SEARCH_TIMEOUT_MS = 200_000;
const MEMORY_LIMIT_MB = 1_800;
/** The deepest path is below 400 steps; a search that reaches this bound counts as unfinished. */
const DEPTH_MAX = 20_000;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/** `shortest` searches breadth first: more memory, but the counterexample is the shortest there is. */
export type SearchOrder = 'deep' | 'shortest';

/** Throws when a tool cannot be run or fails. Its message is meant for people. */
export function buildVerifier(
  folder: string,
  macros: readonly string[],
  options: { readonly progress: boolean; readonly order: SearchOrder },
): void {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(REPOSITORY, MODEL), join(folder, 'failover.pml'));
  runTool(folder, 'spin', [...macros.map((macro) => `-D${macro}`), '-a', 'failover.pml']);
  const kind = options.progress ? '-DNP' : '-DSAFETY';
  const order = options.order === 'shortest' && !options.progress ? ['-DBFS'] : [];
  // -w: the warnings are about generated code, which nobody edits.
  runTool(folder, 'gcc', ['-w', '-O2', kind, ...order, `-DMEMLIM=${MEMORY_LIMIT_MB}`, '-o', 'pan', 'pan.c']);
}

/** What the verifier prints. It ends with code 0 whatever it finds. */
export function search(folder: string, property: Property): string {
  const what = property === 'progress' ? ['-l'] : ['-N', property];
  return runTool(folder, './pan', [`-m${DEPTH_MAX}`, ...what], SEARCH_TIMEOUT_MS);
}

/** The steps of the counterexample that `search` left in the folder. */
export function replay(folder: string, macros: readonly string[]): string {
  return runTool(folder, 'spin', [...macros.map((macro) => `-D${macro}`), '-t', '-p', 'failover.pml']);
}

function runTool(folder: string, program: string, args: readonly string[], timeout = TOOL_TIMEOUT_MS): string {
  const { error, status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  if (error === undefined && status === 0) return `${stdout}\n${stderr}`;
  const reason = error?.message ?? (signal === null ? `it ended with ${status}` : `it ended by ${signal}`);
  const output = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-20).join('\n');
  throw new Error(`Cannot run ${program}: ${reason}, value was ${args.join(' ')}\n${output}`);
}
