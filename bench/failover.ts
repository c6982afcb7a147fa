// How long from the death of the active node to the first correct answer of each built-in server: real processes, real
// sockets, three probers. Usage: node bench/failover.ts [--runs N] [--through-cache]. The last line is JSON.
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from './failover/cluster.ts';
import { type Figures, oneRun } from './failover/one-run.ts';
import { type Fault, NODES, readSettings } from './failover/settings.ts';
import { summarise } from './failover/summary.ts';
import { throughCache } from './failover/through-cache.ts';

const STEADY_TTL_SECONDS = 1;
const INTERVAL_MS = 1_000;

async function measure(fault: Fault, runs: number): Promise<readonly Figures[]> {
  await using cluster = await startCluster(STEADY_TTL_SECONDS);
  await cluster.oneup('switchover', 'web', '--to', 'a');
  await cluster.settled('a');
  const all: Figures[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [active, standby] = run % 2 === 0 ? NODES : [NODES[1], NODES[0]];
    // A fault does not wait for the beginning of a round.
    await sleep(Math.random() * INTERVAL_MS);
    const figures = await oneRun(cluster, active.id, fault);
    all.push(figures);
    const parts = `detection ${Math.round(figures.detectionMs)}, scripts ${figures.scriptsMs}, verify ${figures.verifyMs}`;
    process.stderr.write(
      `${fault} run ${run + 1}: ${Math.round(figures.totalMs)} ms (${parts}, overhead ${Math.round(figures.overheadMs)})\n`,
    );
    await cluster.startServer(active.id);
    await cluster.oneup('rejoin', 'web', '--node', active.id);
    await cluster.settled(standby.id);
  }
  return all;
}

const settings = readSettings(process.argv.slice(2));
if (settings.isThroughCache) {
  const results = [];
  for (const ttl of settings.cacheTtls) results.push(await throughCache(ttl, settings.runs));
  process.stdout.write(`${JSON.stringify({ bench: 'failover-through-cache', results })}\n`);
} else {
  const kill = summarise(await measure('SIGKILL', settings.runs));
  const stop = summarise(await measure('SIGSTOP', settings.runs));
  process.stdout.write(`${JSON.stringify({ bench: 'failover', ...kill, stop })}\n`);
}
