// `npm test` runs every suite but those that stand apart, `npm run check` the quick ones, `node test/run.ts NAME...` those that
// are named.
// Every suite runs even when an earlier one failed, so that one run shows all there is to mend.
import { join } from 'node:path';
import { REPOSITORY } from './support/house/source-tree.ts';
import { installServers } from './support/run/install-servers.ts';
import { runSuite, type SuiteResult } from './support/run/run-suite.ts';
import { SUITES, type Suite } from './support/run/suites.ts';
import { formatFailures, formatLastLine, formatSummary, isGood } from './support/run/summary.ts';

// The suites start some thousand processes of the same sources: compiled once, each starts in less than half the time.
process.env.NODE_COMPILE_CACHE ??= join(REPOSITORY, 'node_modules', '.cache', 'compiled');

const names = process.argv.slice(2);
const suites = choose(names);
if (suites.length === 0) {
  console.error(`Cannot run tests: no such suite, value was ${names.join(' ')}`);
  console.error(`Suites: check, ${SUITES.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

if (suites.some(({ group }) => group !== 'check')) installServers(console.log);
const results: SuiteResult[] = [];
for (const suite of suites) {
  console.log(`\n=== ${suite.name}`);
  results.push(await runSuite(suite));
}
const parts = [formatSummary(results), formatFailures(results), formatLastLine(results)].filter((part) => part !== '');
console.log(`\n${parts.join('\n\n')}`);
process.exit(isGood(results) ? 0 : 1);

function choose(wanted: readonly string[]): readonly Suite[] {
  if (wanted.length === 0) return SUITES.filter(({ group }) => group !== 'apart');
  return SUITES.filter(({ name, group }) => wanted.includes(name) || wanted.includes(group));
}
