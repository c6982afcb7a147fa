// How much of a cluster's life the simulation plays: seeds, operations and events (timers that fire) in a second of this
// machine. Usage: node bench/sim.ts [seeds]. The last line is JSON.
import { availableParallelism } from 'node:os';
import { runRange } from '../test/sim/play-range.ts';

const SEEDS = 500;

const seeds = Number(process.argv[2] ?? SEEDS);
const { eventCount, totals, tookMs, failures } = await runRange({ from: 1, seeds });
const operations = Object.values(totals.operation ?? {}).reduce((sum, count) => sum + count, 0);
const perSecond = (count: number) => Math.round(count / (tookMs / 1_000));
console.log(
  JSON.stringify({
    bench: 'sim',
    workers: availableParallelism(),
    seeds,
    violations: failures.length,
    seedsPerSecond: perSecond(seeds),
    operationsPerSecond: perSecond(operations),
    eventsPerSecond: perSecond(eventCount),
  }),
);
process.exitCode = failures.length === 0 ? 0 : 1;
