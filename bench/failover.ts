// How long from the death of the active node to the first correct answer of each built-in server: real processes, real
// sockets, three probers. Usage: node bench/failover.ts [--runs N] [--through-cache] [--agent] [--store KIND]; with --store the same on
// that engine and on sqlite by turns. The last line is JSON.
import { besideSqlite } from './failover/beside-sqlite.ts';
import { startCluster } from './failover/cluster.ts';
import { beginMeasuring, measureRun } from './failover/measure-run.ts';
import type { Figures } from './failover/one-run.ts';
import { type Fault, readSettings } from './failover/settings.ts';
import { summarise } from './failover/summary.ts';
import { throughCache } from './failover/through-cache.ts';
import { withAgents } from './failover/with-agents.ts';

const STEADY_TTL_SECONDS = 1;

async function measure(fault: Fault, runs: number): Promise<readonly Figures[]> {
  await using cluster = await startCluster(STEADY_TTL_SECONDS);
  await beginMeasuring(cluster);
  const all: Figures[] = [];
  for (let run = 0; run < runs; run += 1) all.push(await measureRun(cluster, { run, fault, label: fault }));
  return all;
}

async function main(): Promise<unknown> {
  const { runs, store, isThroughCache, hasAgents, cacheTtls } = readSettings(process.argv.slice(2));
  if (hasAgents) return { bench: 'failover-with-agents', ...(await withAgents(runs)) };
  if (isThroughCache) {
    const results = [];
    for (const ttl of cacheTtls) results.push(await throughCache(ttl, runs));
    return { bench: 'failover-through-cache', results };
  }
  if (store !== null) {
    const kill = await besideSqlite(store, 'SIGKILL', runs);
    const stop = await besideSqlite(store, 'SIGSTOP', runs);
    return { bench: 'failover-beside-sqlite', store, kill, stop };
  }
  const kill = summarise(await measure('SIGKILL', runs));
  const stop = summarise(await measure('SIGSTOP', runs));
  return { bench: 'failover', ...kill, stop };
}

process.stdout.write(`${JSON.stringify(await main())}\n`);
