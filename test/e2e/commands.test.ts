// Every command of the command line on a live cluster, as text and as JSON, with the exit codes that scripts rely on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { StatusAnswer } from '../../src/cli/render-status.ts';
import type { Plan } from '../../src/controller/read-plan.ts';
import type { Why } from '../../src/controller/read-why.ts';
import type { HistoryEntry } from '../../src/failover/machine-effect.ts';
import type { PropagationReport } from '../../src/failover/propagation-report.ts';
import { Cluster } from './support/cluster.ts';
import { INSTANCE, type NodeName, PROBERS, SERVICE } from './support/cluster-files.ts';
import { reloadUntilAnswered } from './support/reload-until-answered.ts';
import { waitUntil } from './support/wait-until.ts';

describe('commands', { concurrency: 3 }, () => {
  test('before there is a cluster', async (t) => {
    await using cluster = await Cluster.create();

    await t.test('version and check-config need none', async () => {
      const version = await json<{ version: string }>(cluster, 'version');
      assert.match(version.version, /^\d+\.\d+\.\d+$/);
      assert.equal((await cluster.oneup('version')).stdout.trim(), version.version);
      const config = await json<{ valid: boolean; digest: string }>(cluster, 'check-config');
      assert.ok(config.valid && /^[0-9a-f]{64}$/.test(config.digest));
      assert.match((await cluster.oneup('check-config')).stdout, /oneup\.yaml is valid: 3 probers, 1 service,/);
    });

    await t.test('exit codes 1, 2, 4 and 6 say what is wrong and what to do', async () => {
      const initialised = await cluster.oneup('init');
      assert.equal(initialised.code, 2);
      assert.match(initialised.stderr, /^ONEUP_STORE_INITIALISED: Cannot .*\nRemedy: /);
      assert.equal((await cluster.oneup('no-such-command')).code, 1);
      assert.equal((await cluster.oneup('status', '--config', 'nowhere.yaml')).code, 1);
      const alone = await cluster.oneup('status', '--json');
      assert.equal(alone.code, 6);
      assert.equal(JSON.parse(alone.stdout).error.code, 'ONEUP_PROBER_UNREACHABLE');
      const text = readFileSync(cluster.path('oneup.yaml'), 'utf8');
      const fence = text.slice(text.indexOf('      fence:'), text.indexOf('    failover:'));
      writeFileSync(cluster.path('no-fence.yaml'), text.replace(fence, ''));
      const unfenced = await cluster.oneup('check-config', '--config', 'no-fence.yaml');
      assert.equal(unfenced.code, 4, unfenced.stdout);
      assert.match(unfenced.stdout, /fence/);
    });
  });

  test('adopt: an instance that already runs gets a grant without a restart', async (t) => {
    await using cluster = await Cluster.create();
    for (const prober of PROBERS) cluster.start(prober);
    await cluster.ready();
    const pid = startByHand(cluster, 'a');
    await untilAnswering(cluster, ['a']);

    await t.test('a start elsewhere is refused while it runs', async () => {
      const { code, stdout } = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(code, 7, stdout);
      assert.match(stdout, /Refused by switchover\.running-elsewhere: .*\nRemedy: .*oneup adopt web --node a/);
    });

    await t.test('refused when two run, and where none runs', async () => {
      // Two at once is what oneup prevents; a person can still do it. The second holds no token, so it is not counted.
      const second = startByHand(cluster, 'b', cluster.network.reference);
      await untilAnswering(cluster, ['a', 'b']);
      const two = await cluster.oneup('adopt', SERVICE, '--node', 'a');
      assert.equal(two.code, 7, two.stdout);
      assert.match(
        two.stdout,
        /Refused by adopt\.two-running: b answers as active too\nRemedy: Stop the instance on b/,
      );
      process.kill(second, 'SIGKILL');
      await untilAnswering(cluster, ['a']);
      const none = await cluster.oneup('adopt', SERVICE, '--node', 'b', '--json');
      assert.equal(none.code, 7);
      assert.equal(JSON.parse(none.stdout).refusal.rule, 'adopt.two-running');
    });

    await t.test('adopted: the same process, a grant, DNS', async () => {
      const { code, stdout } = await cluster.oneup('adopt', SERVICE, '--node', 'a', '--json');
      assert.equal(code, 0, stdout);
      const status = await cluster.settled('a');
      assert.equal(status.epoch, 1);
      assert.equal(cluster.instancePid('a'), pid);
      assert.deepEqual(cluster.actions('begin start'), [], 'nothing was started');
      process.kill(pid, 0);
    });

    await t.test('zone propagation: every name server, by UDP and TCP, with its serial', async () => {
      const report = await json<PropagationReport>(cluster, 'zone', 'propagation', SERVICE);
      assert.deepEqual([report.laggards, report.servers.map(({ server }) => server)], [[], PROBERS]);
      for (const { udp, tcp, serial } of report.servers) {
        assert.deepEqual([udp.kind, tcp.kind], ['new', 'new']);
        assert.ok(serial !== null && serial === report.servers[0]?.serial);
      }
      const { stdout } = await cluster.oneup('zone', 'propagation', SERVICE);
      assert.match(stdout, /A: 127\.\S+ was written\n {2}server p1 .* new .*\(TTL \d+ s\).* serial \d+/);
      assert.match(stdout, /nobody gives another answer/);
      assert.equal((await cluster.oneup('zone', 'shrink', SERVICE)).code, 1);
    });

    await t.test('maintenance of the service: hands off; leaving it adopts what runs', async () => {
      assert.equal((await cluster.oneup('maintenance', 'on', SERVICE)).code, 1, '--reason is needed');
      const on = await cluster.oneup('maintenance', 'on', SERVICE, '--reason', 'new disks', '--for', '1h');
      assert.equal(on.code, 0, on.stdout + on.stderr);
      assert.match((await cluster.oneup('status')).stdout, /in maintenance by .*: new disks/);
      const moved = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(moved.code, 7, moved.stdout);
      const off = await cluster.oneup('maintenance', 'off', SERVICE);
      assert.equal(off.code, 0, off.stdout);
      assert.equal((await cluster.settled('a')).epoch, 2, 'an adoption is a grant');
      assert.equal(cluster.instancePid('a'), pid);
    });

    await t.test('maintenance of a standby: no candidate; it ends with an acknowledged stop', async () => {
      const node = ['--node', 'b'];
      assert.equal((await cluster.oneup('maintenance', 'on', SERVICE, ...node, '--reason', 'new fan')).code, 0);
      assert.equal((await cluster.service()).nodes.find((found) => found.node === 'b')?.role, 'maintenance');
      const refused = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.match(refused.stdout, /Refused by S35\.maintenance: node b is in maintenance/);
      const stops = cluster.actions('begin stop b').length;
      assert.equal((await cluster.oneup('maintenance', 'off', SERVICE, ...node)).code, 0);
      assert.equal(cluster.actions('begin stop b').length, stops + 1);
    });
  });

  test('looking, moving and going back', async (t) => {
    await using cluster = await Cluster.running();

    await t.test('status and plan', async () => {
      const { self, cluster: seen } = await json<StatusAnswer>(cluster, 'status');
      assert.equal(self.store.kind, 'reachable');
      assert.deepEqual(
        self.store.members?.map(({ state, isInUse }) => [state, isInUse]),
        [['answers', true]],
      );
      assert.equal(seen?.services[0]?.active, 'a');
      assert.match(
        (await cluster.oneup('status')).stdout,
        /Service web: ACTIVE, epoch 1, web\.ha\.example\.com\. is 127/,
      );
      assert.match((await cluster.oneup('status')).stdout, /^Store members\n {2}\S+oneup\.db {2}answers .* in use$/m);
      const plan = await json<Plan>(cluster, 'plan', SERVICE);
      assert.deepEqual([plan.from, plan.to, plan.heldBy], ['a', 'b', []]);
      assert.match((await cluster.oneup('plan', SERVICE)).stdout, /b/);
      assert.equal((await cluster.oneup('plan', 'nothing')).code, 1);
    });

    await t.test('a failed node stays away from failback until it rejoins', async () => {
      cluster.killInstance('a');
      await cluster.settled('b');
      const early = await cluster.oneup('failback', SERVICE);
      assert.equal(early.code, 7, early.stdout);
      assert.match(early.stdout, /Refused by S36\.rejoin-needed: .*\nRemedy: .*oneup rejoin web --node a/);
      const rejoined = await json<{ kind: string; exitCode: number }>(cluster, 'rejoin', SERVICE, '--node', 'a');
      assert.deepEqual([rejoined.kind, rejoined.exitCode], ['accepted', 0]);
      assert.deepEqual(cluster.actions('begin resync').length, 1);
      const back = await cluster.oneup('failback', SERVICE, '--reason', 'a is well again');
      assert.equal(back.code, 0, back.stdout);
      await cluster.settled('a');
    });

    await t.test('why names votes, rules, and every phase with its duration and evidence', async () => {
      const entries = await json<readonly HistoryEntry[]>(cluster, 'history', SERVICE);
      assert.deepEqual(
        entries.map((entry) => `${entry.op.kind} ${entry.outcome}`),
        ['failback done', 'rejoin done', 'automatic done', 'switchover done'],
      );
      assert.equal((await json<readonly HistoryEntry[]>(cluster, 'history', SERVICE, '--limit', '1')).length, 1);
      cluster.killInstance('a');
      await cluster.settled('b');
      const { operation, status } = await json<Why>(cluster, 'why', SERVICE);
      assert.equal(status.active, 'b');
      assert.ok(operation !== null && operation.kind === 'automatic');
      const votes = operation.votes as readonly { prober: string; verdict: string; reason: string }[];
      assert.deepEqual(
        votes.map((vote) => vote.prober),
        [...PROBERS],
      );
      assert.ok(votes.filter((vote) => vote.verdict === 'down').length >= 2);
      assert.ok(votes.some((vote) => /connection refused/.test(vote.reason)));
      for (const rule of ['S24', 'S17', 'S19', 'S11', 'S12']) assert.ok(operation.rules.includes(rule), rule);
      const phases = ['PLAN', 'STOP_OLD', 'CONFIRM_DOWN', 'GRANT', 'START_NEW', 'VERIFY_NEW', 'CUTOVER', 'PROPAGATE'];
      for (const phase of phases) {
        const found = operation.phases.find((candidate) => candidate.phase === phase);
        assert.ok(found !== undefined && found.durationMs >= 0 && found.evidence.length > 0, phase);
      }
      const text = (await cluster.oneup('why', SERVICE)).stdout;
      assert.match(text, /automatic/);
      assert.match(text, /VERIFY_NEW/);
    });

    await t.test('status during an operation names what it waits for', async () => {
      assert.equal((await cluster.oneup('rejoin', SERVICE, '--node', 'a')).code, 0);
      cluster.setMode('start', 'a', 'held');
      const sent = await cluster.oneup('switchover', SERVICE, '--to', 'a', '--no-wait');
      assert.equal(sent.code, 0, sent.stdout);
      await waitUntil('the start script', () => cluster.actions('begin start a').length > 2);
      const { stdout } = await cluster.oneup('status');
      assert.match(stdout, /switchover b -> a .*, START_NEW; the operation runs for /);
      assert.match(stdout, /waits for the start action on a, at most 20s/);
      const busy = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(busy.code, 7, busy.stdout);
      cluster.setMode('start', 'a', null);
      await cluster.settled('a');
    });

    await t.test('reload: accepted, unchanged, refused by a prober that cannot load it, and forced', async () => {
      assert.equal((await json<{ kind: string }>(cluster, 'reload')).kind, 'unchanged');
      cluster.editConfig(['steady: 1s', 'steady: 2s']);
      const { code, stdout, stderr } = await reloadUntilAnswered(cluster, '--json');
      assert.equal(code, 0, stdout + stderr);
      assert.equal((JSON.parse(stdout) as { readonly kind: string }).kind, 'accepted');
      await cluster.ready();
      for (const prober of ['p1', 'p2'] as const) await cluster.restart(prober, { NEW_VALUE: 'set' });
      cluster.editConfig(['hostmaster: ops.example.com.', 'hostmaster: "${env:NEW_VALUE}.example.com."']);
      const socket = ['--socket', cluster.path('var', 'p1', 'api.sock')];
      const refused = await cluster.oneup('reload', ...socket);
      assert.equal(refused.code, 7, refused.stdout + refused.stderr);
      assert.match(refused.stdout, /Refused by S7\.prober-cannot-load: p3: .*NEW_VALUE/s);
      const forced = await cluster.oneup('reload', '--force', ...socket);
      assert.equal(forced.code, 0, forced.stdout + forced.stderr);
      assert.match(forced.stdout, /cannot be loaded by p3, which will not lead/);
      await cluster.settled('a');
    });
  });
});

/** The JSON of a command that must succeed. */
async function json<T>(cluster: Cluster, ...argv: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await cluster.oneup(...argv, '--json');
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout) as T;
}

/** As a person would who knows nothing of oneup. */
function startByHand(cluster: Cluster, node: NodeName, token = cluster.network.token): number {
  const child = spawn(process.execPath, [INSTANCE, cluster.network.nodes[node], token, node], {
    cwd: cluster.directory,
    stdio: 'ignore',
  });
  assert.ok(child.pid !== undefined);
  if (token === cluster.network.token) writeFileSync(cluster.path(`pid-${node}`), String(child.pid));
  return child.pid;
}

async function untilAnswering(cluster: Cluster, nodes: readonly NodeName[]): Promise<void> {
  await waitUntil(`${nodes.join(' and ')} to answer`, async () => {
    const seen = (await cluster.service()).nodes.filter((node) => node.answering.length === PROBERS.length);
    const any = (await cluster.service()).nodes.filter((node) => node.answering.length > 0);
    return seen.map((node) => node.node).join() === nodes.join() && any.length === seen.length;
  });
}
