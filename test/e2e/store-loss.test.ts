// The store goes away while everything runs: deleted, or locked by somebody else. DNS goes on answering on all three servers,
// nothing is started, stopped or moved, everybody says what is wrong, and a prober that restarts serves what it kept (S37, S38).
import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from './support/cluster.ts';
import { type Change, PROBERS, type ProberName, SERVICE } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

/** The store is away for seconds here, and in life for as long as nobody looks: stay clear of the time of stepping aside. */
const PATIENT: readonly Change[] = [['staleAfter: 2500ms', 'staleAfter: 5m']];
/** Longer than the 3 s after which a prober opens a lost store anew: its name server must grow older all the same (S30). */
const OUTLIVING: readonly Change[] = [...PATIENT, ['lostAfter: 1500ms', 'lostAfter: 4s']];
const FILES = ['oneup.db', 'oneup.db-wal', 'oneup.db-shm'] as const;
const OUTAGE_MS = 1_000;

describe('the store goes away', { concurrency: 2 }, () => {
  test('deleted while running', async (t) => {
    await using cluster = await Cluster.running({ changes: OUTLIVING });
    const before = cluster.actions();
    const names = Array(PROBERS.length).fill(cluster.network.nodes.a);

    await t.test('every prober says so, and every name server goes on answering', async () => {
      for (const file of FILES) renameSync(cluster.path('var', file), cluster.path(`kept-${file}`));
      await untilLost(cluster);
      assert.deepEqual(await cluster.answers(), names);
      await waitUntil('the name servers to cap their TTLs', async () => {
        return (await cluster.status('p1')).self.dns.mode === 'lost';
      });
      assert.deepEqual(await cluster.answers(), names);
      const { code, stdout } = await cluster.oneup('status');
      assert.equal(code, 0);
      assert.match(
        stdout,
        /Store LOST \(ONEUP_STORE_LOST: Cannot use store: it was (deleted|known and is gone).*, value was .*oneup\.db/,
      );
    });

    await t.test('commands that need the store end with exit code 6', async () => {
      for (const argv of [
        ['why', SERVICE],
        ['switchover', SERVICE, '--to', 'b'],
      ]) {
        const { code, stderr } = await cluster.oneup(...argv);
        assert.equal(code, 6, `${argv.join(' ')}: ${stderr}`);
        assert.match(stderr, /^ONEUP_STORE_\w+: Cannot .*\nRemedy: /);
      }
    });

    await t.test('a prober that restarts without a store serves its snapshot and says so', async () => {
      await cluster.prober('p3').end('SIGKILL');
      cluster.start('p3');
      const status = await waitUntil('p3 to answer', () => cluster.status('p3'));
      assert.equal(status.cluster, null);
      assert.match(status.problem?.code ?? '', /^ONEUP_STORE_/);
      assert.equal(status.self.store.kind, 'lost');
      assert.ok(status.self.dns.zones.every((zone) => zone.serial !== null));
      assert.deepEqual(await cluster.answers(), names);
      const { code, stdout } = await cluster.oneup('status', '--socket', cluster.path('var', 'p3', 'api.sock'));
      assert.equal(code, 0);
      assert.match(stdout, /Asked prober p3: Cannot .*\n {2}remedy: /);
      assert.match(stdout, /Store LOST .*; name server \w+: ha\.example\.com\. serial \d+/);
    });

    await t.test('the active dies meanwhile: nothing is done about it (S37)', async () => {
      cluster.killInstance('a');
      await sleep(OUTAGE_MS);
      assert.deepEqual(cluster.actions(), before);
      assert.deepEqual(await cluster.answers(), names);
    });

    await t.test('the very same files come back: the cluster goes on, and does what is due', async () => {
      for (const file of FILES.toReversed()) renameSync(cluster.path(`kept-${file}`), cluster.path('var', file));
      await cluster.ready();
      await cluster.settled('b');
      assert.equal(cluster.actions('begin start b').length, 1);
    });
  });

  test('locked by another process while running', async () => {
    await using cluster = await Cluster.running({ changes: PATIENT });
    const before = cluster.actions();
    const names = Array(PROBERS.length).fill(cluster.network.nodes.a);
    const term = (await cluster.status()).cluster?.controller?.term ?? 0;
    const losses = (prober: ProberName) => cluster.prober(prober).log().split('session is lost').length;
    const earlier = new Map(PROBERS.map((prober) => [prober, losses(prober)]));
    const lock = new DatabaseSync(cluster.path('var', 'oneup.db'));
    lock.exec('PRAGMA busy_timeout = 30000; BEGIN EXCLUSIVE');
    try {
      await waitUntil('the sessions to be lost', () =>
        PROBERS.every((prober) => losses(prober) > (earlier.get(prober) ?? 0)),
      );
      await sleep(OUTAGE_MS);
      assert.deepEqual(await cluster.answers(), names);
      const { code, stderr } = await cluster.oneup('switchover', SERVICE, '--to', 'b');
      assert.equal(code, 6, stderr);
      assert.deepEqual(cluster.actions(), before);
    } finally {
      lock.exec('ROLLBACK');
      lock.close();
    }
    await waitUntil('a new term', async () => ((await cluster.status()).cluster?.controller?.term ?? 0) > term);
    await cluster.ready();
    await cluster.settled('a');
    assert.deepEqual(cluster.actions(), before, 'nothing was moved by the outage');
    cluster.killInstance('a');
    await cluster.settled('b');
  });
});

async function untilLost(cluster: Cluster): Promise<void> {
  for (const prober of PROBERS) {
    await waitUntil(`${prober} to notice`, async () => (await cluster.status(prober)).self.store.kind === 'lost');
  }
}
