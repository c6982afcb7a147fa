// `npm run sim -- --seeds 1000 --from 1`: plays seeds one after the other and stops at the first violation, with the seed and
// what happened. `--seed N --log` plays one again and shows all of it; `--mutation NAME` shows that the checkers are awake.
import { parseArgs } from 'node:util';
import type { Mutation } from './mutation.ts';
import { type RunResult, runSeed } from './run-seed.ts';

/** Lines of the log that are shown before a violation; the whole is one replay away. */
const LINES_SHOWN = 60;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mutation: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});

const from = Number(values.seed ?? values.from);
const seeds = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(seeds) || seeds < 1) {
  throw new RangeError(
    `Cannot simulate: seeds are whole numbers, value was --from ${values.from} --seeds ${values.seeds}`,
  );
}
process.exitCode = await play((values.mutation as Mutation | undefined) ?? null);

async function play(mutation: Mutation | null): Promise<number> {
  const totals: Record<string, number> = {};
  const beganMs = performance.now();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await runSeed(seed, mutation);
    for (const [what, count] of Object.entries(result.counts)) totals[what] = (totals[what] ?? 0) + count;
    if (values.log) console.log(result.log.join('\n'));
    if (result.violations.length > 0) return report(result);
  }
  const tookMs = Math.round(performance.now() - beganMs);
  console.log(JSON.stringify({ from, seeds, violations: 0, tookMs, totals }));
  return 0;
}

function report({ seed, violations, log }: RunResult): number {
  const first = log.findIndex((line) => line.includes('VIOLATION'));
  const end = first < 0 ? log.length : first + 1;
  console.log(log.slice(Math.max(0, end - LINES_SHOWN), end).join('\n'));
  for (const { invariant, text } of violations) console.log(`seed ${seed}: ${invariant} ${text}`);
  console.log(`Again, with everything: npm run sim -- --seed ${seed} --log`);
  return 1;
}
