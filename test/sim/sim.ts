// `npm run sim -- --seeds 1000 --from 1`: plays seeds on all cores and tells what they met; a violation is told with the
// shortest story that shows it. `--seed N --log` plays one seed again. `--mutate ID|all` shows that the checkers are awake.
import { parseArgs } from 'node:util';
import { playMutations } from './play-mutations.ts';
import { playRange } from './play-range.ts';
import { replay } from './replay.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '2000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    mutate: { type: 'string' },
    jobs: { type: 'string' },
    log: { type: 'boolean', default: false },
  },
});

const from = wholeNumber('from', values.seed ?? values.from);
const workers = values.jobs === undefined ? {} : { workers: wholeNumber('jobs', values.jobs) };
const mutation = values.mutate ?? null;

if (values.seed !== undefined) process.exitCode = await replay(from, { mutation, showsAll: values.log });
else if (mutation !== null) process.exitCode = await playMutations(mutation, { from: values.from, ...workers });
else process.exitCode = await playRange({ from, seeds: wholeNumber('seeds', values.seeds), ...workers });

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`Cannot simulate: --${name} must be a whole number from 1, value was ${text}`);
}
