// What an agent and its keeper cost a node that has one service: memory, and CPU while nothing happens. Beside them, in the same
// run, two processes of bare Node that do nothing, which is what two processes cost at least. The agent is built as the package
// is, holds a real lease through a real listener, and its keeper owns a real process.
// Usage: node bench/agent.ts [seconds] [seconds to settle]. The last line is JSON.
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKeptService } from './agent/kept-service.ts';
import { type Cost, costBetween, readUsage, together } from './agent/process-cost.ts';

const PERIOD_S = 60;
/** Modules are loaded and young garbage is gone by then. */
const SETTLE_S = 15;
const LIMITS = { megabytes: 120, cpuPercent: 0.5 };
const BARE = ['-e', 'setInterval(() => {}, 1000)'];

async function main(periodS: number, settleS: number): Promise<void> {
  await using kept = await startKeptService();
  const bare = [1, 2].map(() => spawn(process.execPath, BARE, { stdio: 'ignore' }));
  try {
    await sleep(settleS * 1_000);
    const pids = { agent: kept.agentPid, keeper: kept.keeperPid, bare1: bare[0]?.pid ?? 0, bare2: bare[1]?.pid ?? 0 };
    const begun = Object.entries(pids).map(([name, pid]) => ({ name, pid, usage: readUsage(pid) }));
    process.stderr.write(`looking on for ${periodS} s\n`);
    await sleep(periodS * 1_000);
    const costs = new Map<string, Cost>();
    for (const { name, pid, usage } of begun) costs.set(name, costBetween(usage, readUsage(pid)));
    if (!(await kept.isActive())) throw new Error('Cannot measure: the service did not stay active');
    report(periodS, costs);
  } finally {
    for (const child of bare) child.kill('SIGKILL');
  }
}

function report(periodS: number, costs: ReadonlyMap<string, Cost>): void {
  const of = (name: string): Cost => {
    const cost = costs.get(name);
    if (cost === undefined) throw new RangeError(`Cannot report: there is no ${name}`);
    return cost;
  };
  const ours = together([of('agent'), of('keeper')]);
  const limit = together([of('bare1'), of('bare2')]);
  const ratios = {
    pss: ratio(ours.pssMb, limit.pssMb),
    rss: ratio(ours.rssMb, limit.rssMb),
    asIfAlone: ratio(ours.asIfAloneMb, limit.asIfAloneMb),
  };
  const isWithin = {
    pss: ours.pssMb <= LIMITS.megabytes,
    rss: ours.rssMb <= LIMITS.megabytes,
    asIfAlone: ours.asIfAloneMb <= LIMITS.megabytes,
    cpu: ours.cpuPercent <= LIMITS.cpuPercent,
  };
  const each = Object.fromEntries(costs);
  console.log(
    JSON.stringify({ bench: 'agent', periodS, each, together: ours, bare: limit, ratios, limits: LIMITS, isWithin }),
  );
}

function ratio(ours: number, limit: number): number {
  return Math.round((100 * ours) / limit) / 100;
}

await main(Number(process.argv[2] ?? PERIOD_S), Number(process.argv[3] ?? SETTLE_S));
