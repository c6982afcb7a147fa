// A cluster grows from three probers to five and shrinks to another three by `oneup reload`, while its controller stands still,
// probers die and the active node fails (S7): who is listed votes and may lead, whoever else runs does neither.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './support/cluster.ts';
import { type NodeName, PROBERS, type ProberName, proberLine, SPARE_PROBERS } from './support/cluster-files.ts';
import { standStill } from './support/stand-still.ts';
import { waitUntil } from './support/wait-until.ts';

const ALL = [...PROBERS, ...SPARE_PROBERS];
/** Many times what a failover takes to begin here. */
const QUIET_MS = 3_000;

describe('membership', () => {
  test('three probers, then five, then another three, with failures at every step', async (t) => {
    await using cluster = await Cluster.running();
    const line = (id: ProberName) => proberLine(id, cluster.network.dns[id]);

    await t.test('who is not in the configuration in force runs, and neither votes nor leads', async () => {
      cluster.editConfig([line('p3'), [line('p3'), ...SPARE_PROBERS.map(line)].join('\n')]);
      for (const prober of SPARE_PROBERS) cluster.start(prober);
      await cluster.ready();
      assert.deepEqual(await states(cluster), { p1: 'votes', p2: 'votes', p3: 'votes', p4: 'outside', p5: 'outside' });
      const { nodes } = await cluster.service();
      assert.deepEqual(
        nodes[0]?.votes.map(({ prober }) => prober),
        [...PROBERS],
      );
      await waitUntil(
        'everybody to see that its file is another',
        async () => (await standings(cluster, 'differs')) === 5,
      );
      const { stdout } = await cluster.oneup('status');
      assert.match(stdout, /p4 .*outside +not in the configuration in force, no vote; its file differs/);
    });

    await t.test('the probers join while the controller stands still', async () => {
      const before = await cluster.history();
      const controller = await cluster.controller();
      assert.ok(controller !== null);
      await standStill(cluster, cluster.prober(controller));
      await reloaded(
        cluster,
        PROBERS.find((prober) => prober !== controller),
      );
      await waitUntil('another controller', async () => ![null, controller].includes(await cluster.controller()));
      process.kill(cluster.prober(controller).pid, 'SIGCONT');
      await untilStates(cluster, { p1: 'votes', p2: 'votes', p3: 'votes', p4: 'votes', p5: 'votes' });
      await waitUntil('every file to be the one in force', async () => (await standings(cluster, 'inForce')) === 5);
      await cluster.settled('a');
      assert.deepEqual(await cluster.history(), before, 'nothing moved');
    });

    await t.test('three of five decide, two of five do not', async () => {
      for (const prober of ['p4', 'p5'] as const) await cluster.prober(prober).end('SIGKILL');
      await untilStates(cluster, { p1: 'votes', p2: 'votes', p3: 'votes', p4: 'absent', p5: 'absent' });
      cluster.killInstance('a');
      await cluster.settled('b');
      await rejoin(cluster, 'a');
      await cluster.prober('p1').end('SIGKILL');
      await untilStates(cluster, { p1: 'absent', p2: 'votes', p3: 'votes', p4: 'absent', p5: 'absent' });
      const starts = cluster.actions('begin start');
      cluster.killInstance('b');
      await waitUntil('both to see it', async () => {
        const votes = (await cluster.service()).nodes.find(({ node }) => node === 'b')?.votes ?? [];
        return votes.filter(({ verdict }) => verdict === 'down').length === 2;
      });
      await sleep(QUIET_MS);
      assert.deepEqual(cluster.actions('begin start'), starts, 'two of five start nothing');
      cluster.start('p5');
      await cluster.settled('a');
      await rejoin(cluster, 'b');
    });

    await t.test('the controller leaves with another one, and the rest are a majority of their own', async () => {
      cluster.start('p4');
      await cluster.ready();
      // Whoever leads must go: of p2 to p5 one leads, and p1 is dead.
      const controller = await cluster.controller();
      assert.ok(controller !== null);
      const leaving: readonly ProberName[] = ['p1', controller];
      const staying = ALL.filter((prober) => !leaving.includes(prober));
      cluster.editConfig(...leaving.map((prober) => [`${line(prober)}\n`, ''] as const), [
        'ns: [p1, p2, p3]',
        `ns: [${staying.join(', ')}]`,
      ]);
      await reloaded(cluster, staying[0]);
      const outside = { [controller]: 'outside' };
      await untilStates(cluster, { ...Object.fromEntries(staying.map((prober) => [prober, 'votes'])), ...outside });
      const taken = await waitUntil('one of the members to lead', async () => {
        const found = await cluster.controller();
        return found !== null && staying.includes(found) ? found : null;
      });
      await cluster.settled('a');
      const refused = await cluster.oneup('run', '--prober', 'p1');
      assert.equal(refused.code, 1, refused.stderr);
      assert.match(refused.stderr, /--prober must be one of/);

      await cluster.prober(taken).end('SIGKILL');
      cluster.killInstance('a');
      await cluster.settled('b');
      const last = await cluster.controller();
      assert.ok(last !== null && staying.includes(last), `${last} leads, of ${staying.join(', ')}`);
    });
  });
});

/** Proposes the file until it is in force: a prober that has just stopped is asked until its session ends. */
async function reloaded(cluster: Cluster, through: ProberName | undefined): Promise<void> {
  assert.ok(through !== undefined);
  const socket = ['--socket', cluster.path('var', through, 'api.sock')];
  await waitUntil('the configuration to be accepted', async () => {
    const { code, stdout, stderr } = await cluster.oneup('reload', ...socket);
    assert.equal(code, 0, stdout + stderr);
    return true;
  });
}

async function rejoin(cluster: Cluster, node: NodeName): Promise<void> {
  await cluster.accepted({ kind: 'rejoin', node, reason: 'repaired' });
  await waitUntil('the operation to end', async () => (await cluster.service()).operation === null);
}

async function states(cluster: Cluster): Promise<Readonly<Record<string, string>>> {
  const probers = (await cluster.status()).cluster?.probers ?? [];
  const told = (prober: (typeof probers)[number]) =>
    !prober.isAlive ? 'absent' : prober.isMember ? 'votes' : 'outside';
  return Object.fromEntries(probers.map((prober) => [prober.prober, told(prober)]));
}

async function untilStates(cluster: Cluster, wanted: Readonly<Record<string, string>>): Promise<void> {
  await waitUntil(`the probers to be ${JSON.stringify(wanted)}`, async () => {
    assert.deepEqual(await states(cluster), wanted);
    return true;
  });
}

async function standings(cluster: Cluster, standing: string): Promise<number> {
  const probers = (await cluster.status()).cluster?.probers ?? [];
  return probers.filter(({ configStanding }) => configStanding === standing).length;
}
