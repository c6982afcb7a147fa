// What one check, one tick and one observation cost this machine's processor, and what one service holds in a prober's copy of
// the store: measured on a whole cluster on virtual time, whose probers and controller are the real ones.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { httpCheck } from '../../src/probe/http-check.ts';
import { openSteadyCluster, type SteadyCluster } from '../../test/support/steady-cluster.ts';

export type UnitCosts = {
  /** Processor time of one check without the network: rhythm, fold, comparison with what was told. */
  readonly lookUs: number;
  /** Processor time of one HTTP check over loopback, with the answering side in the same process. */
  readonly httpUs: number;
  /** One tick of one service in the controller; each has one a second. */
  readonly tickUs: number;
  /** Records written for each prober in the minute after the active of one service failed, with the bytes of each. */
  readonly stormRecords: number;
  readonly stormBytes: number;
  /** Checks of one prober in that minute for one service, those of the standby too: everybody looks faster for a while. */
  readonly stormLooks: number;
  /** Processor time for one such record in all processes and the memory store: at most this. */
  readonly stormRecordUs: number;
  /** Keys and values that one service holds in the copy, without the observations and for each prober beside it. */
  readonly serviceBytes: number;
  readonly proberBytes: number;
};

const PROBERS = 3;
const MINUTE_MS = 60_000;
const SETTLED_MS = 150_000;
const HTTP_CHECKS = 500;

export async function measureUnitCosts(services: number): Promise<UnitCosts> {
  const slow = await openSteadyCluster({ services, probers: PROBERS, interval: '60s' });
  await slow.pass(SETTLED_MS);
  const rare = await spend(slow, MINUTE_MS);
  const copy = sizes(slow, services);
  await slow.end();
  const fast = await openSteadyCluster({ services, probers: PROBERS, interval: '5s' });
  await fast.pass(SETTLED_MS);
  const often = await spend(fast, MINUTE_MS);
  const storm = await measureStorm(fast);
  await fast.end();
  const ticks = (services * MINUTE_MS) / 1_000;
  const lookUs = (often.cpuUs - rare.cpuUs) / (often.looks - rare.looks);
  const tickUs = (rare.cpuUs - rare.looks * lookUs) / ticks;
  return {
    lookUs,
    httpUs: await httpCost(),
    tickUs,
    stormRecords: storm.records / (services * PROBERS),
    stormLooks: storm.looks / (services * PROBERS),
    stormBytes: storm.bytes / storm.records,
    stormRecordUs: (storm.cpuUs - storm.looks * lookUs - ticks * tickUs) / storm.records,
    ...copy,
  };
}

async function spend(cluster: SteadyCluster, ms: number): Promise<{ cpuUs: number; looks: number }> {
  const [before, looks] = [process.cpuUsage(), cluster.looks()];
  await cluster.pass(ms);
  return { cpuUs: spentUs(before), looks: cluster.looks() - looks };
}

function spentUs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return user + system;
}

/** Every active fails at once. The brake of S36 holds the operations, so that what is written are mostly observations. */
async function measureStorm(cluster: SteadyCluster) {
  const before = { ...cluster.counts };
  for (const { id } of cluster.config.services) cluster.down.add(id);
  const spent = await spend(cluster, MINUTE_MS);
  const { records, bytes } = cluster.counts;
  return { ...spent, records: records - before.records, bytes: bytes - before.bytes };
}

function sizes({ view, config }: SteadyCluster, services: number) {
  const bytes = (prefix: string) =>
    view.list(prefix).reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  const root = `/oneup/${config.cluster.name}/`;
  const seen = bytes(`${root}obs/`) + bytes(`${root}suspect/`);
  return { serviceBytes: (bytes(root) - seen) / services, proberBytes: seen / (services * PROBERS) };
}

async function httpCost(): Promise<number> {
  using clock = createSystemClock();
  const server = createServer((_request, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  try {
    const { port } = server.address() as AddressInfo;
    const status = [[200, 299]] as const;
    const shape = { kind: 'http', method: 'GET', headers: [], status, bodyContains: null, verifyTls: true } as const;
    const began = process.cpuUsage();
    for (let check = 0; check < HTTP_CHECKS; check += 1) {
      const { signal } = new AbortController();
      const { result } = await httpCheck({ ...shape, url: `http://127.0.0.1:${port}/` }, { signal, clock });
      if (result.kind !== 'pass') throw new Error(`Cannot measure: a check of the own server ended as ${result.kind}`);
    }
    return spentUs(began) / HTTP_CHECKS;
  } finally {
    server.close();
  }
}
