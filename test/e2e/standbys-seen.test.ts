// What is seen of nodes that are not the active, with real probers, scripts and processes: an instance that answers nobody is
// found by the status action and stopped, a status without an answer is told, and so is a warm standby that is not usable (S25).
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { NodeStatusReport } from '../../src/controller/read-model.ts';
import { Cluster } from './support/cluster.ts';
import type { Change } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { waitUntil } from './support/wait-until.ts';

/** Says what a file of the folder `mode` tells it to, and otherwise whether the process of the node lives. */
const STATUS = `case "$(cat "mode/role-$ONEUP_NODE" 2> /dev/null)" in broken) exit 3 ;; esac
pid=$(cat "pid-$ONEUP_NODE" 2> /dev/null); if [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; then echo active; else echo stopped; fi`;
const SWEPT: Change = [
  '    actions:\n',
  `    sweep: { every: 300ms }\n    actions:\n      status: { exec: { command: [sh, -c, ${JSON.stringify(STATUS)}] }, timeout: 2s }\n`,
];

describe('the sweep over all nodes', () => {
  test('an instance that no prober sees is found by its status, told, and stopped; the active is left alone', async () => {
    await using cluster = await Cluster.running({ changes: [SWEPT] });
    await waitUntil('every node to have said what it is', async () => {
      const roles = (await cluster.service()).nodes.map(({ status }) => status?.role);
      return roles.join() === 'active,stopped';
    });
    // It listens nowhere, as a scheduler does that was started by hand.
    const hidden = spawn('sleep', ['600'], { cwd: cluster.directory, stdio: 'ignore' });
    const ended = once(hidden, 'exit');
    const active = cluster.instancePid('a');
    writeFileSync(cluster.path('pid-b'), String(hidden.pid));
    await ended;
    await waitUntil('the conflict to be over', async () => {
      const found = (await cluster.history()).some(({ op, outcome }) => op.kind === 'conflict' && outcome === 'done');
      return found && (await node(cluster, 'b')).status?.role === 'stopped';
    });
    const conflict = (await cluster.history()).find(({ op }) => op.kind === 'conflict');
    assert.match(conflict?.op.reason ?? '', /a answers as active, and the status of b says active, a holds the grant/);
    assert.equal(cluster.instancePid('a'), active);
    assert.deepEqual(cluster.actions('begin stop a'), []);
  });

  test('a status that gives no answer is told, and shown with its age; it holds no operation', async () => {
    await using cluster = await Cluster.running({ changes: [SWEPT] });
    writeFileSync(cluster.path('mode', 'role-b'), 'broken');
    const isTold = async () =>
      (await cluster.service()).alerts.some(({ refusal }) => refusal.rule === 'S25.status-unanswered');
    await waitUntil('the status of b to be told', isTold);
    const { status, breadcrumb } = await node(cluster, 'b');
    assert.ok((status?.unanswered ?? 0) >= 3);
    assert.equal(breadcrumb.kind, 'down');
    const isShown = async () =>
      /last status stopped for \S+, UNANSWERED \d+ times: /.test((await cluster.oneup('status', 'web')).stdout);
    await waitUntil('status to show it with its age', isShown);
    rmSync(cluster.path('mode', 'role-b'));
    await waitUntil('the alert to end', async () => !(await isTold()));
    await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'it answers again' });
    await cluster.settled('b');
  });
});

const READY_PORT = 18_086;
/** Answers as a warm standby does, until a file says that it is broken. */
const WARM = `const { existsSync } = require('node:fs');
require('node:http').createServer((_, response) => {
  response.statusCode = existsSync('mode/warm-b') ? 503 : 200;
  response.end();
}).listen(${READY_PORT}, process.argv[1], () => console.log('listening'));`;
const WARM_STANDBY: Change = [
  '    actions:\n',
  `    standby: { check: { http: "http://{address}:${READY_PORT}/ready" } }\n    actions:\n`,
];

describe('the standby check', () => {
  test('probers run it; who fails it is told, takes no planned move, and is taken all the same when nobody is left', async () => {
    await using cluster = await Cluster.running({ changes: [WARM_STANDBY] });
    const warm = await startWarm(cluster);
    try {
      await waitUntil(
        'b to be a healthy standby',
        async () => (await node(cluster, 'b')).standby?.quorum === 'healthy',
      );
      const { answering } = await node(cluster, 'b');
      assert.deepEqual(answering, []);
      assert.equal((await node(cluster, 'a')).standby, null);

      writeFileSync(cluster.path('mode', 'warm-b'), '');
      await waitUntil('b to be told', async () =>
        (await cluster.service()).alerts.some(({ refusal }) => refusal.rule === 'S25.standby-unhealthy'),
      );
      const { stdout } = await cluster.oneup('why', 'web');
      assert.match(stdout, /b as a standby is unhealthy: .*status was 503/);
      const refused = await expectExit(cluster, 7, 'switchover', 'web', '--to', 'b', '--reason', 'a story');
      assert.match(refused, /S25\.standby-unhealthy/);

      cluster.killInstance('a');
      await cluster.settled('b');
      assert.equal((await node(cluster, 'b')).standby, null);
    } finally {
      warm.kill('SIGKILL');
    }
  });
});

async function node(cluster: Cluster, id: string): Promise<NodeStatusReport> {
  const found = (await cluster.service()).nodes.find((report) => report.node === id);
  assert.ok(found !== undefined, `status must name node ${id}`);
  return found;
}

async function startWarm(cluster: Cluster): Promise<ChildProcess> {
  const warm = spawn(process.execPath, ['-e', WARM, cluster.network.nodes.b], {
    cwd: cluster.directory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.ok(warm.stdout !== null);
  await once(warm.stdout, 'data');
  return warm;
}
