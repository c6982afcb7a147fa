// Plays one seed again, with its log. A violation is told as the shortest story that still has it: faults are left out one by
// one as long as it stays.
import { loadRunSeed } from './load-mutated.ts';
import type { RunResult, runSeed } from './run-seed.ts';

/** Lines of the log that are shown before a violation; `--log` shows all of them. */
const LINES_SHOWN = 80;

export type ReplayOptions = { readonly mutation: string | null; readonly showsAll: boolean };

export async function replay(seed: number, { mutation, showsAll }: ReplayOptions): Promise<number> {
  const run = await loadRunSeed(mutation);
  const whole = await run(seed, { isLogged: true });
  if (showsAll) console.log(whole.log.join('\n'));
  const [violation] = whole.violations;
  if (violation === undefined) {
    console.log(JSON.stringify({ seed, violations: 0, eventCount: whole.eventCount, totals: whole.totals }));
    return 0;
  }
  const { story, without } = await shorten(run, whole);
  if (!showsAll) console.log(story.log.slice(-LINES_SHOWN).join('\n'));
  for (const { invariant, text } of whole.violations) console.log(`seed ${seed}: ${invariant} ${text}`);
  console.log(
    `${whole.faults.length} faults, ${whole.faults.length - without.size} are enough for ${violation.invariant}`,
  );
  const extra = mutation === null ? '' : ` --mutate ${mutation}`;
  console.log(`Again, with everything: npm run sim -- --seed ${seed}${extra} --log`);
  return 1;
}

type Story = { readonly story: RunResult; readonly without: ReadonlySet<number> };

/** Greedy: the later faults first, because what comes after the violation does nothing for it. */
async function shorten(run: typeof runSeed, whole: RunResult): Promise<Story> {
  const wanted = whole.violations[0]?.invariant;
  let best: Story = { story: whole, without: new Set() };
  for (const index of [...whole.faults].reverse()) {
    const without = new Set([...best.without, index]);
    const story = await run(whole.seed, { isLogged: true, without });
    if (story.violations[0]?.invariant === wanted) best = { story, without };
  }
  return best;
}
