// The same fault as a client behind a caching resolver sees it: a real Unbound that asks the built-in servers.
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { watchAnswers } from './answer-watch.ts';
import { startCluster } from './cluster.ts';
import { NODES } from './settings.ts';
import { median } from './summary.ts';

const RESOLVER_PORT = 15_399;
const ANSWER_MAX_MS = 120_000;

/** Median and extremes in milliseconds from SIGKILL to the first new answer through Unbound, with this steady TTL. */
export async function throughCache(
  ttlSeconds: number,
  runs: number,
): Promise<{ ttlSeconds: number; medianMs: number; minMs: number; maxMs: number }> {
  await using cluster = await startCluster(ttlSeconds);
  await cluster.oneup('switchover', 'web', '--to', 'a');
  await cluster.settled('a');
  await using _unbound = await startUnbound(cluster.directory, cluster.dnsPorts);
  const totals: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const [active, standby] = run % 2 === 0 ? NODES : [NODES[1], NODES[0]];
    const warm = { ports: [RESOLVER_PORT], everyMs: 50, maxMs: ANSWER_MAX_MS, isRecursive: true };
    await watchAnswers({ ...warm, address: active.address }).times;
    // The cache has held the answer for a random part of its TTL, as it would in life.
    await sleep(Math.random() * ttlSeconds * 1_000);
    await watchAnswers({ ...warm, address: active.address }).times;
    const began = performance.now();
    process.kill(cluster.server(active.id), 'SIGKILL');
    const seen = await watchAnswers({ ...warm, address: standby.address }).times;
    totals.push(Math.max(...seen.values()) - began);
    process.stderr.write(`TTL ${ttlSeconds} s, run ${run + 1}: ${Math.round(totals.at(-1) ?? 0)} ms\n`);
    await cluster.settled(standby.id);
    await cluster.startServer(active.id);
    await cluster.oneup('rejoin', 'web', '--node', active.id);
    await cluster.settled(standby.id);
  }
  return {
    ttlSeconds,
    medianMs: median(totals),
    minMs: Math.round(Math.min(...totals)),
    maxMs: Math.round(Math.max(...totals)),
  };
}

async function startUnbound(directory: string, dnsPorts: readonly number[]): Promise<AsyncDisposable> {
  const file = join(directory, 'unbound.conf');
  const stubs = dnsPorts.map((port) => `  stub-addr: 127.0.0.1@${port}`).join('\n');
  await writeFile(
    file,
    `server:
  interface: 127.0.0.1@${RESOLVER_PORT}
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  pidfile: ""
  directory: "${directory}"
  do-not-query-localhost: no
  module-config: "iterator"
  prefetch: no
remote-control:
  control-enable: no
stub-zone:
  name: "ha.example.com"
${stubs}
`,
  );
  const child = spawn('/usr/sbin/unbound', ['-d', '-c', file], { stdio: 'ignore' });
  await sleep(500);
  if (child.exitCode !== null) throw new Error('Cannot start unbound; is the package installed?');
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM');
    },
  };
}
