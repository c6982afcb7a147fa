// One fault after the other on a running cluster: kill or freeze the active, note the figures, bring the node back.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { type Figures, oneRun } from './one-run.ts';
import { type Fault, NODES } from './settings.ts';

const INTERVAL_MS = 1_000;

export type RunOptions = {
  /** Counts from 0: even ones begin with the first node active. */
  readonly run: number;
  readonly fault: Fault;
  /** For people. */
  readonly label: string;
};

export async function beginMeasuring(cluster: Cluster): Promise<void> {
  await cluster.oneup('switchover', 'web', '--to', NODES[0].id);
  await cluster.settled(NODES[0].id);
}

export async function measureRun(cluster: Cluster, { run, fault, label }: RunOptions): Promise<Figures> {
  const [active, standby] = run % 2 === 0 ? NODES : [NODES[1], NODES[0]];
  // A fault does not wait for the beginning of a round.
  await sleep(Math.random() * INTERVAL_MS);
  const figures = await oneRun(cluster, active.id, fault);
  const parts = `detection ${Math.round(figures.detectionMs)}, scripts ${figures.scriptsMs}, verify ${figures.verifyMs}`;
  process.stderr.write(
    `${label} run ${run + 1}: ${Math.round(figures.totalMs)} ms (${parts}, overhead ${Math.round(figures.overheadMs)})\n`,
  );
  await cluster.startServer(active.id);
  await cluster.oneup('rejoin', 'web', '--node', active.id);
  await cluster.settled(standby.id);
  return figures;
}
