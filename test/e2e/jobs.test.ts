// Jobs of agents on real nodes: node-cron says when, the active node runs them, and nothing that is bound to the service outlives it
// (S16).
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { JobRecord } from '../../src/agent/job-record.ts';
import { isRunning, notePid } from '../support/keeper-bench.ts';
import { AgentCluster, LEASE_MS } from './support/agents.ts';
import type { Change, NodeName } from './support/cluster-files.ts';
import { runOneup } from './support/run-oneup.ts';
import { waitUntil } from './support/wait-until.ts';

/** A busy machine loses renewals of a short lease, and then no job begins. */
const LONGER: readonly Change[] = [[`lease: ${LEASE_MS}ms`, 'lease: 12s']];

/** For a shell: until the test has written this file. */
const WAIT = 'while [ ! -e enough ]; do sleep 0.2; done';

type Shown = JobRecord & { readonly id: string; readonly nextWallMs: number };

function jobsText(jobs: readonly Readonly<Record<string, unknown>>[]): string {
  return `jobs: ${JSON.stringify(jobs.map((job) => ({ service: 'web', schedule: '* * * * * *', cwd: '.', ...job })))}\n`;
}

async function shown({ cluster }: AgentCluster, node: NodeName): Promise<ReadonlyMap<string, Shown>> {
  const place = { directory: cluster.directory, env: {} };
  const { code, stdout, stderr } = await runOneup(place, ['jobs', '--json', '--state-dir', `agent-${node}`]);
  assert.equal(code, 0, stderr);
  const { jobs } = JSON.parse(stdout) as { readonly jobs: readonly Shown[] };
  return new Map(jobs.map((job) => [job.id, job]));
}

function lines({ cluster }: AgentCluster, name: string): readonly string[] {
  const path = cluster.path(name);
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

async function pidIn(agents: AgentCluster, name: string): Promise<number> {
  await waitUntil(name, () => lines(agents, name).length > 0 && lines(agents, name)[0] !== '');
  return Number(lines(agents, name)[0]);
}

async function moveToB(agents: AgentCluster): Promise<void> {
  const { code, stdout, stderr } = await agents.cluster.oneup('switchover', 'web', '--to', 'b', '--reason', 'test');
  assert.equal(code, 0, stdout + stderr);
}

describe('jobs of agents', () => {
  test('run where the service is, and move with it', async (t) => {
    const said = 'echo "$ONEUP_NODE $ONEUP_EPOCH $ONEUP_JOB $TOKEN" >> runs; echo "printed by $ONEUP_NODE"';
    await using agents = await AgentCluster.running(LONGER, {
      jobs: jobsText([
        { id: 'note', command: ['sh', '-c', said], env: { TOKEN: 's3cr3t' } },
        { id: 'fails', command: ['sh', '-c', 'exit 3'] },
        { id: 'missing', command: ['/nowhere/at/all'] },
        { id: 'slow', command: ['sleep', '300'], timeout: '1s' },
        { id: 'stranger', service: 'nobody', command: ['sh', '-c', 'echo ran > strange'] },
      ]),
    });
    const { epoch } = await agents.cluster.service();

    await t.test('on the active node alone, with epoch and environment', async () => {
      await waitUntil('three runs', () => lines(agents, 'runs').length >= 3);
      assert.deepEqual([...new Set(lines(agents, 'runs'))], [`a ${epoch} note s3cr3t`]);
      const log = readFileSync(agents.cluster.path('agent-a/jobs/note.log'), 'utf8');
      assert.match(log, /--- 20\d\d-.* note\nprinted by a\n/);
      assert.doesNotMatch(agents.log('a') + log, /s3cr3t/);
    });

    await t.test('what became of them is shown', async () => {
      const jobs = await waitUntil('each to have ended', async () => {
        const all = await shown(agents, 'a');
        return ['note', 'fails', 'missing', 'slow'].every((id) => all.get(id)?.lastRun) && all;
      });
      const ended = (id: string) => {
        const { kind, code } = (jobs || new Map<string, Shown>()).get(id)?.lastRun ?? {};
        return [kind, code];
      };
      assert.deepEqual(ended('note'), ['ended', 0]);
      assert.deepEqual(ended('fails'), ['ended', 3]);
      assert.deepEqual(ended('missing'), ['ended', 127]);
      assert.deepEqual(ended('slow'), ['timeout', 124]);
      const place = { directory: agents.cluster.directory, env: {} };
      // A run that ends just before its next time skips none.
      await waitUntil('the times that were left out to be shown', async () => {
        const { stdout } = await runOneup(place, ['jobs', '--state-dir', 'agent-a']);
        assert.match(stdout, /JOB +SERVICE +ACTIVE +NEXT +LAST RUN/);
        assert.match(stdout, /slow: not run at .*: the last run still goes on/);
        assert.match(stdout, /stranger: not run at .*: the agent has heard nothing of the service yet/);
        return true;
      });
      assert.equal(existsSync(agents.cluster.path('strange')), false);
      assert.equal((await shown(agents, 'b')).get('note')?.lastRun, null);
    });

    await t.test('status says so everywhere, of the node that is active', async () => {
      const { stdout } = await waitUntil('status to have them', async () => {
        const told = await agents.cluster.oneup('status');
        return /job slow on a: .*timeout/.test(told.stdout) && told;
      });
      assert.match(
        stdout,
        /job note on a: next 20\S+Z; (runs since \S+; )?last run 20\S+Z, took \S+, ended: exit code 0/,
      );
      assert.match(stdout, /job fails on a: .*, ended: exit code 3/);
      assert.doesNotMatch(stdout, /on b: next|stranger|s3cr3t/);
      const told = await waitUntil('both nodes to have told theirs', async () => {
        const { nodes } = await agents.cluster.service();
        const jobs = nodes.map(({ agent }) => agent?.jobs?.listed ?? []);
        return jobs.every(({ length }) => length === 4) && jobs.map((listed) => listed.map(({ epoch }) => epoch));
      });
      const here = [epoch, epoch, epoch, epoch];
      assert.deepEqual(told, [here, [null, null, null, null]]);
    });

    await t.test('after a switchover on the other node, under its epoch', async () => {
      await moveToB(agents);
      await waitUntil('a run on b', () => lines(agents, 'runs').some((line) => line.startsWith('b ')));
      const nodes = lines(agents, 'runs').map((line) => line.split(' ')[0]);
      assert.equal(nodes.lastIndexOf('a') < nodes.indexOf('b'), true, nodes.join(''));
      const onB = lines(agents, 'runs').find((line) => line.startsWith('b '));
      assert.ok(Number(onB?.split(' ')[1]) > epoch);
    });
  });

  test('a run that is bound to the service ends with it; one that may finish goes on', async () => {
    const loop = (name: string) =>
      `trap '' TERM; setsid sh -c '${notePid(`${name}-daemon`)}; exec sleep 300' & ${notePid(name)}; while :; do sleep 1; done`;
    await using agents = await AgentCluster.running(LONGER, {
      jobs: jobsText([
        { id: 'bound', command: ['sh', '-c', loop('bound')] },
        {
          id: 'free',
          command: ['sh', '-c', `${notePid('free-$ONEUP_NODE')}; ${WAIT}`],
          onLoss: 'finish',
          timeout: '2m',
        },
      ]),
    });
    const bound = [await pidIn(agents, 'bound'), await pidIn(agents, 'bound-daemon')];
    const free = await pidIn(agents, 'free-a');
    await moveToB(agents);
    assert.deepEqual(bound.filter(isRunning), [], 'a stop is done only when the run is gone');
    assert.equal(isRunning(free), true);
    await waitUntil(
      'the end to be noted',
      async () => (await shown(agents, 'a')).get('bound')?.lastRun?.kind === 'lost',
    );
    assert.notEqual((await shown(agents, 'a')).get('free')?.running, null);
    writeFileSync(agents.cluster.path('enough'), '');
    await waitUntil('that end, too', async () => (await shown(agents, 'a')).get('free')?.lastRun?.code === 0);
  });

  test('a run outlives its agent, which finds it again and begins no second one', async () => {
    const script = `${notePid('going')}; echo x >> begun; ${WAIT}; exit 7`;
    await using agents = await AgentCluster.running(LONGER, {
      jobs: jobsText([{ id: 'going', command: ['sh', '-c', script], timeout: '2m' }]),
    });
    const pid = await pidIn(agents, 'going');
    await agents.kill('a');
    agents.start('a');
    await waitUntil('the new agent to leave a time out', async () =>
      /still goes on/.test((await shown(agents, 'a')).get('going')?.lastSkip?.reason ?? ''),
    );
    assert.equal(isRunning(pid), true);
    assert.equal(lines(agents, 'begun').length, 1);
    writeFileSync(agents.cluster.path('enough'), '');
    await waitUntil('its end to be known', async () => (await shown(agents, 'a')).get('going')?.lastRun?.code === 7);
  });
});
