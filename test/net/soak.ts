// `npm run soak -- --minutes 30`: random faults of network and processes, and the history judged after each round. `--seed N` draws
// the same faults again; `--without-fence-proof` makes the fence device lie, which must be caught. Exit code 1 on a violation.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { whyNoNamespaces } from './support/namespaces.ts';
import { formatVerdict } from './support/play-scenario.ts';
import { playSoak } from './support/play-soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
    'without-fence-proof': { type: 'boolean', default: false },
  },
});

const minutes = positive('minutes', values.minutes);
const seed = positive('seed', values.seed);
const reason = whyNoNamespaces();
if (reason === null) process.exitCode = await soak();
else {
  process.stderr.write(`Cannot soak: ${reason}\n`);
  process.exitCode = 1;
}

async function soak(): Promise<number> {
  const say = (line: string) => void process.stdout.write(`${line}\n`);
  say(`seed ${seed}, ${minutes} minutes`);
  const verdict = await playSoak({ minutes, seed, isFenceTrue: !values['without-fence-proof'], say });
  for (const { invariant, text } of verdict.violations) say(`VIOLATION ${invariant}: ${text}`);
  say(`soak: ${formatVerdict(verdict)}`);
  return verdict.violations.length === 0 ? 0 : 1;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && value < 2 ** 31) return value;
  throw new RangeError(`Cannot soak: --${name} must be a number above 0, value was ${text}`);
}
