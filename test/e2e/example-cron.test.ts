// The lines of config/examples/cron/crontab on two nodes, run as cron runs them: on the active node only, quiet elsewhere, and
// ended when the service moves.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentCluster, LONG_LEASE } from './support/agents.ts';
import { type NodeName, SERVICE } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { RUN_IF_ACTIVE } from './support/guarded-command.ts';
import { waitUntil } from './support/wait-until.ts';

const CRONTAB = new URL('../../config/examples/cron/crontab', import.meta.url);
const SCRIPTS = {
  report: '#!/bin/sh\necho "$1 on $ONEUP_NODE" >> reports\n',
  nightly: '#!/bin/sh\ntrap "" TERM\nwhile :; do echo "$ONEUP_NODE" >> nights; sleep 0.1; done\n',
};

test('the example of a crontab runs its jobs on the active node only', async (t) => {
  await using agents = await AgentCluster.running([LONG_LEASE]);
  const { cluster } = agents;
  for (const [name, text] of Object.entries(SCRIPTS)) {
    writeFileSync(cluster.path(name), text);
    chmodSync(cluster.path(name), 0o755);
  }
  const lines = (name: string) => (existsSync(cluster.path(name)) ? readFileSync(cluster.path(name), 'utf8') : '');

  await t.test('the standby runs nothing and gives cron nothing to mail', async () => {
    assert.deepEqual(await runJob(agents, 'report', 'a'), { code: 0, output: '' });
    assert.deepEqual(await runJob(agents, 'report', 'b'), { code: 0, output: '' });
    assert.equal(lines('reports'), 'last hour on a\n');
  });

  await t.test('a job that runs, and does not want to end, is gone when the service has moved', async () => {
    const job = runJob(agents, 'nightly', 'a');
    await waitUntil('the job', () => lines('nights').includes('a'));
    await expectExit(cluster, 0, 'switchover', SERVICE, '--to', 'b');
    const written = lines('nights');
    await sleep(500);
    assert.equal(lines('nights'), written, 'nothing of the job is left');
    await job;
  });

  await t.test('the jobs have moved with the service', async () => {
    await cluster.settled('b');
    assert.deepEqual(await runJob(agents, 'report', 'a'), { code: 0, output: '' });
    await waitUntil('the job on b', async () => {
      const { code } = await runJob(agents, 'report', 'b');
      return code === 0 && lines('reports') !== 'last hour on a\n';
    });
    assert.match(lines('reports'), /^last hour on a\n(last hour on b\n)+$/);
  });
});

/** The line of the crontab with the places of the test; cron passes it to a shell with hardly any environment. */
async function runJob({ cluster }: AgentCluster, job: keyof typeof SCRIPTS, node: NodeName) {
  const line = readFileSync(CRONTAB, 'utf8')
    .split('\n')
    .find((text) => text.includes(`/opt/web/bin/${job}`));
  const [, command = ''] = /^(?:\S+\s+){5}root\s+(.*)$/.exec(line ?? '') ?? [];
  const state = cluster.path(`agent-${node}/state.json`);
  const local = command
    .replace('oneup-run-if-active', `${process.execPath} ${RUN_IF_ACTIVE} --state ${state} --max-state-age 20s`)
    .replace('runuser -u web -- /opt/web/bin/', './')
    .replace('/run/', './');
  assert.ok(local.includes(`./${job}`), `the crontab must hold a job ${job}: ${local}`);
  const child = spawn('/bin/sh', ['-c', local], {
    cwd: cluster.directory,
    env: { PATH: '/usr/bin:/bin', SHELL: '/bin/sh', HOME: cluster.directory, LOGNAME: 'root' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
