// The service dies under an agent: how long until every name server gives the new answer, and where the time goes. The agent sees
// the exit at once, so detection is a few rechecks; there is no script, and no device is asked.
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AgentCluster } from '../../test/e2e/support/agents.ts';
import { watchServers } from '../../test/e2e/support/ask-server.ts';
import { type Change, INSTANCE, NODES, type NodeName, PROBERS } from '../../test/e2e/support/cluster-files.ts';
import { waitUntil } from '../../test/e2e/support/wait-until.ts';
import { median } from './summary.ts';

export type AgentSummary = {
  readonly runs: number;
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  /** From the death to the operation. */
  readonly detectionMs: number;
  /** Median duration of each phase. */
  readonly phases: Readonly<Record<string, number>>;
};

type Run = {
  readonly totalMs: number;
  readonly detectionMs: number;
  readonly phases: Readonly<Record<string, number>>;
};

const REST_MS = 1_500;
/** The instance of the tests is a Node program, which takes about 100 ms to listen: that would be a third of the figure. */
const QUICK_INSTANCE = fileURLToPath(new URL('quick-instance.pl', import.meta.url));
const BY_QUICK_INSTANCE: Change = [`[${process.execPath}, ${INSTANCE}, `, `[perl, ${QUICK_INSTANCE}, `];

export async function withAgents(runs: number): Promise<AgentSummary> {
  await using agents = await AgentCluster.running([BY_QUICK_INSTANCE]);
  const all: Run[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [from, to] = run % 2 === 0 ? NODES : ([NODES[1], NODES[0]] as const);
    all.push(await measureDeath(agents, from, to));
  }
  const totals = all.map(({ totalMs }) => totalMs);
  const names = [...new Set(all.flatMap(({ phases }) => Object.keys(phases)))];
  return {
    runs,
    medianMs: median(totals),
    minMs: Math.round(Math.min(...totals)),
    maxMs: Math.round(Math.max(...totals)),
    detectionMs: median(all.map(({ detectionMs }) => detectionMs)),
    phases: Object.fromEntries(names.map((name) => [name, median(all.map(({ phases }) => phases[name] ?? 0))])),
  };
}

async function measureDeath(agents: AgentCluster, from: NodeName, to: NodeName): Promise<Run> {
  const { cluster } = agents;
  const pid = agents.instancePid(from, `perl ${QUICK_INSTANCE}`);
  if (pid === null) throw new Error(`Cannot measure: nothing runs on ${from}`);
  await sleep(REST_MS);
  const watch = watchServers(PROBERS.map((prober) => cluster.network.dns[prober]));
  const diedWallMs = Date.now();
  process.kill(pid, 'SIGKILL');
  await cluster.settled(to);
  const sightings = await watch.stop();
  const { journal, phases } = await cluster.operation();
  const seen = sightings.filter(({ answer }) => answer === cluster.network.nodes[to]).map(({ wallMs }) => wallMs);
  await waitUntil('the failed node to be a standby again', async () => {
    const { kind } = await cluster.command({ kind: 'rejoin', node: from, reason: 'bench' });
    return kind === 'accepted';
  });
  await cluster.settled(to);
  return {
    totalMs: Math.max(...seen) - diedWallMs,
    detectionMs: (journal[0]?.wallMs ?? 0) - diedWallMs,
    phases: Object.fromEntries(phases.map(({ phase, durationMs }) => [phase, Math.round(durationMs)])),
  };
}
