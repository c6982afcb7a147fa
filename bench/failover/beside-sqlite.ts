// The same faults on a cluster with another engine and on one with sqlite, by turns in one run: what else the machine does then
// slows both alike, and the difference is what the store costs.

import type { EngineKind } from '../../test/support/servers/engines.ts';
import { startEngine } from '../../test/support/servers/engines.ts';
import { startCluster } from './cluster.ts';
import { beginMeasuring, measureRun } from './measure-run.ts';
import type { Figures } from './one-run.ts';
import { type Fault, SQLITE } from './settings.ts';
import { type Summary, summarise } from './summary.ts';

const STEADY_TTL_SECONDS = 1;

export type Compared = {
  readonly sqlite: Summary;
  readonly engine: Summary;
  /** Median of the engine less that of sqlite. */
  readonly differenceMs: number;
  readonly ratio: number;
};

export async function besideSqlite(kind: EngineKind, fault: Fault, runs: number): Promise<Compared> {
  await using engine = await startEngine(kind);
  await using there = await startCluster(STEADY_TTL_SECONDS, engine.written);
  await using here = await startCluster(STEADY_TTL_SECONDS, SQLITE);
  const figures: Record<'sqlite' | 'engine', Figures[]> = { sqlite: [], engine: [] };
  await beginMeasuring(here);
  await beginMeasuring(there);
  for (let run = 0; run < runs; run += 1) {
    figures.sqlite.push(await measureRun(here, { run, fault, label: `sqlite ${fault}` }));
    figures.engine.push(await measureRun(there, { run, fault, label: `${kind} ${fault}` }));
  }
  const [sqlite, other] = [summarise(figures.sqlite), summarise(figures.engine)];
  return {
    sqlite,
    engine: other,
    differenceMs: other.medianMs - sqlite.medianMs,
    ratio: Math.round((other.medianMs / sqlite.medianMs) * 1_000) / 1_000,
  };
}
