// config/examples/postgresql on two real servers with streaming replication: the primary is killed, the standby is promoted, the
// old primary is rewound, the move back, and the gate on the lag. At no time two servers take writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { PROBERS, SERVICE } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { tellingFailure } from './support/failure-report.ts';
import { PostgresPair } from './support/postgres-pair.ts';
import { waitUntil } from './support/wait-until.ts';
import { describeReign, overlapsOf, watchPrimaries } from './support/watch-primaries.ts';

test('the example for PostgreSQL keeps one primary', async (t) => {
  await using pair = new PostgresPair();
  await using cluster = await Cluster.create({ fill: pair.fill });
  await pair.begin();
  const primaries = watchPrimaries(pair);
  const more = () => ({ 'server a': pair.log('a'), 'server b': pair.log('b') });
  const part = (name: string, play: (cluster: Cluster, pair: PostgresPair) => Promise<void>) =>
    t.test(name, (t) => tellingFailure({ t, cluster, more }, () => play(cluster, pair)));
  await part('the running primary is adopted, and nothing is restarted', adopt);
  await part('killed: the standby is promoted and named', failover);
  await part('the old primary is rewound, loses what only it had, and follows', rejoin);
  await part('a move back loses nothing, and the other follows', switchBack);
  await part('a standby behind the gate is not promoted before it has caught up', lag);
  await t.test('at no time two servers took writes', (t) =>
    tellingFailure({ t, cluster, more }, async () => {
      const reigns = await primaries.stop();
      t.diagnostic(reigns.map(describeReign).join('\n'));
      assert.deepEqual(overlapsOf(reigns), []);
    }),
  );
});

async function adopt(cluster: Cluster, pair: PostgresPair): Promise<void> {
  const began = await startedAt(pair);
  for (const prober of PROBERS) cluster.start(prober);
  await cluster.ready();
  await waitUntil(
    'the probers to see the primary',
    async () => (await cluster.service()).nodes[0]?.answering.length === 3,
  );
  await expectExit(cluster, 0, 'adopt', SERVICE, '--node', 'a');
  await cluster.settled('a');
  assert.deepEqual(await startedAt(pair), began);
  await healthyStandby(cluster, 'b');
}

async function failover(cluster: Cluster, pair: PostgresPair): Promise<void> {
  await pair.run('a', "insert into entries values ('1 on both')");
  await waitUntil('the replication', async () => (await pair.entries('b')).length === 1);
  await pair.prechecked('b');
  // Cut off from what comes next, so that the servers part company.
  await pair.run('b', "alter system set primary_conninfo = ''");
  await pair.run('b', 'select pg_reload_conf()');
  await waitUntil('the standby to be cut off', async () => {
    const [receivers] = await pair.query('b', 'select count(*) from pg_stat_wal_receiver');
    return receivers === '0';
  });
  await pair.run('a', "insert into entries values ('2 only on a')");
  await pair.kill('a');
  await cluster.settled('b');
  assert.deepEqual(await pair.entries('b'), ['1 on both']);
  await pair.run('b', "insert into entries values ('3 on b')");
  assert.equal(pair.act('a', 'status'), 'stopped');
}

async function rejoin(cluster: Cluster, pair: PostgresPair): Promise<void> {
  assert.match(await expectExit(cluster, 7, 'switchover', SERVICE, '--to', 'a'), /Refused by S36\.rejoin-needed/);
  await expectExit(cluster, 0, 'rejoin', SERVICE, '--node', 'a');
  assert.equal(pair.act('a', 'status'), 'standby');
  await waitUntil('the old primary to follow', async () => (await pair.entries('a')).includes('3 on b'));
  assert.deepEqual(await pair.entries('a'), ['1 on both', '3 on b']);
}

async function switchBack(cluster: Cluster, pair: PostgresPair): Promise<void> {
  await pair.prechecked('a');
  await healthyStandby(cluster, 'a');
  await expectExit(cluster, 0, 'switchover', SERVICE, '--to', 'a');
  await cluster.settled('a');
  assert.equal(pair.act('b', 'status'), 'standby');
  await pair.run('a', "insert into entries values ('4 on a')");
  await waitUntil('the replication', async () => (await pair.entries('b')).includes('4 on a'));
  assert.deepEqual(await pair.entries('b'), ['1 on both', '3 on b', '4 on a']);
}

async function lag(cluster: Cluster, pair: PostgresPair): Promise<void> {
  await pair.run('b', 'select pg_wal_replay_pause()');
  await pair.run('a', "create table ballast as select repeat('x', 1000) from generate_series(1, 25000)");
  await pair.prechecked('b');
  const refused = await expectExit(cluster, 7, 'switchover', SERVICE, '--to', 'b');
  assert.match(refused, /Refused by candidate\.lagging: node b lags by \d+/);
  await pair.kill('a');
  await waitUntil('the failover to be refused', async () =>
    (await cluster.oneup('why', SERVICE)).stdout.includes('lags'),
  );
  assert.equal(pair.act('b', 'status'), 'standby');
  await pair.run('b', 'select pg_wal_replay_resume()');
  await cluster.settled('b');
  assert.deepEqual(await pair.query('b', 'select count(*) from ballast'), ['25000']);
}

/** In the eyes of the probers, by the standby check of the example (S25). */
function healthyStandby(cluster: Cluster, id: string): Promise<true> {
  return waitUntil(`${id} to be a healthy standby`, async () => {
    const { nodes } = await cluster.service();
    return nodes.find(({ node }) => node === id)?.standby?.quorum === 'healthy';
  });
}

async function startedAt(pair: PostgresPair): Promise<readonly unknown[]> {
  const question = 'select pg_postmaster_start_time()::text';
  return [...(await pair.query('a', question)), ...(await pair.query('b', question))];
}
