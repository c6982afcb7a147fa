// `npm run model` verifies the model of the protocol (docs/model) and that each mutation of it is caught. `--json` prints
// the results as JSON, `--show MUTATION` the shortest counterexample of one mutation. Ends with 1 unless all is as it must be.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findMissingTools } from './find-tools.ts';
import { formatCheck, formatCount } from './format-results.ts';
import { showCounterexample } from './show-counterexample.ts';
import { VARIANTS } from './variants.ts';
import { type CheckResult, verifyVariant } from './verify-variant.ts';

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, show: { type: 'string' } } });
const missing = findMissingTools();
for (const line of missing) console.error(line);
process.exitCode = missing.length > 0 ? 1 : inFolder((folder) => run(folder));

function run(folder: string): number {
  if (values.show === undefined) return verifyAll(folder);
  const story = showCounterexample(values.show, folder);
  const known = VARIANTS.flatMap(({ mutation }) => (mutation === null ? [] : [mutation.macro]));
  if (story === null)
    console.error(`Cannot show: no such mutation, value was ${values.show}. Known: ${known.join(', ')}`);
  else console.log(story);
  return story === null ? 1 : 0;
}

function verifyAll(folder: string): number {
  const results: CheckResult[] = [];
  for (const variant of VARIANTS) {
    for (const result of verifyVariant(variant, folder)) {
      results.push(result);
      if (!values.json) console.log(formatCheck(result));
    }
  }
  const isGood = results.every((result) => result.isGood);
  console.log(values.json ? JSON.stringify({ isGood, checks: results }, null, 2) : formatCount(results));
  return isGood ? 0 : 1;
}

/** An interrupt reaches the tool as well; its failure ends the work here, and the folder goes as after any other end. */
function inFolder(work: (folder: string) => number): number {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-model-'));
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  try {
    return work(folder);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
