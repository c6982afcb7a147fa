// What limits a cluster: measures the costs of one check, one tick and one observation here, and works out what clusters of
// 1,000 to 100,000 services need with three, five and seven probers, all looking or three of them. Usage: node bench/scaling.ts [services measured].
// The last line is JSON.
import { type Estimate, estimate } from './scaling/estimate.ts';
import { measureUnitCosts } from './scaling/unit-costs.ts';

const SIZES = [1_000, 10_000, 100_000] as const;
/** Probers, and how many of them look at each service. */
const ELECTORATES = [
  [3, 3],
  [5, 5],
  [7, 7],
  [5, 3],
  [7, 3],
] as const;
const MEASURED = 1_000;

const COLUMNS: readonly (readonly [title: string, text: (row: Estimate) => string])[] = [
  ['services', ({ services }) => services.toLocaleString('en')],
  ['probers', ({ probers }) => String(probers)],
  ['of them look', ({ voters }) => String(voters)],
  ['checks/s of a prober', ({ checksPerSecond }) => Math.round(checksPerSecond).toLocaleString('en')],
  ['cores of a prober', ({ proberCores }) => proberCores.toFixed(2)],
  ['and of the controller', ({ controllerCores }) => controllerCores.toFixed(2)],
  ['copy, MiB', ({ mirrorMiB }) => mirrorMiB.toFixed(1)],
  ['commits/h at rest', ({ renewalsPerHour }) => renewalsPerHour.toLocaleString('en')],
  ['records in a storm', ({ stormRecords }) => Math.round(stormRecords).toLocaleString('en')],
  ['MiB', ({ stormMiB }) => stormMiB.toFixed(1)],
  ['commits', ({ stormCommits }) => stormCommits.toLocaleString('en')],
  ['cores of a prober then', ({ stormCores }) => stormCores.toFixed(1)],
  ['CPU s of a prober in the minute after', ({ stormCpuSeconds }) => stormCpuSeconds.toFixed(1)],
  ['clusters', ({ clusters }) => String(clusters)],
];

const costs = await measureUnitCosts(Number(process.argv[2] ?? MEASURED));
const rows = SIZES.flatMap((services) =>
  ELECTORATES.map(([probers, voters]) => estimate({ services, probers, voters }, costs)),
);
console.log(`| ${COLUMNS.map(([title]) => title).join(' | ')} |`);
console.log(`|${COLUMNS.map(() => '---:').join('|')}|`);
for (const row of rows) console.log(`| ${COLUMNS.map(([, text]) => text(row)).join(' | ')} |`);
const rounded = Object.fromEntries(Object.entries(costs).map(([name, cost]) => [name, Math.round(cost * 10) / 10]));
console.log(JSON.stringify({ bench: 'scaling', unitCosts: rounded, rows }));
