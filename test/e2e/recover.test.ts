// A store is restored from a backup: every prober refuses it, answers go on, and `oneup recover` begins a generation above all
// that anybody has seen. Nothing is believed about what runs until a person has said it (S4, S19).
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { Cluster } from './support/cluster.ts';
import { type NodeName, PROBERS, SERVICE } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

/** The store is refused for seconds here: stay clear of the time of stepping aside. */
const PATIENT = [['staleAfter: 2500ms', 'staleAfter: 5m']] as const;

test('a store that went back is refused, recovered as a new generation, and believed nothing', async (t) => {
  await using cluster = await Cluster.running({ changes: PATIENT });
  const backup = cluster.path('backup.db');
  copyStore(cluster.path('var', 'oneup.db'), backup);
  await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'after the backup' });
  await cluster.settled('b');
  const { epoch } = await cluster.service();
  const names = Array(PROBERS.length).fill(cluster.network.nodes.b);
  const before = cluster.actions();

  await t.test('probers that start on the old state refuse it, and go on answering with the new one', async () => {
    await Promise.all(PROBERS.map((prober) => cluster.prober(prober).end('SIGTERM')));
    for (const file of ['oneup.db', 'oneup.db-wal', 'oneup.db-shm']) rmSync(cluster.path('var', file), { force: true });
    copyStore(backup, cluster.path('var', 'oneup.db'));
    for (const prober of PROBERS) cluster.start(prober);
    await waitUntil('every prober to refuse the store', async () => {
      const answers = await Promise.all(PROBERS.map((prober) => cluster.status(prober)));
      return answers.every(({ problem }) => problem?.code === 'ONEUP_STORE_WENT_BACK');
    });
    assert.deepEqual(await cluster.answers(), names);
    const { code, stderr } = await cluster.oneup('switchover', SERVICE, '--to', 'a');
    assert.equal(code, 6);
    assert.match(stderr, /ONEUP_STORE_WENT_BACK: .*\nRemedy: .*oneup recover/);
  });

  await t.test('recover names who cannot be asked, and begins a generation above all that was seen', async () => {
    const unknown = await cluster.oneup('recover', '--without', 'p9');
    assert.equal(unknown.code, 1, unknown.stderr);
    const done = await cluster.oneup('recover', '--json');
    assert.equal(done.code, 0, done.stderr);
    assert.equal(JSON.parse(done.stdout).generation.number, 2);
    await cluster.ready();
    const service = await waitUntil('the probers to take it up', () => cluster.service());
    assert.ok(service.epoch > epoch, `epoch ${service.epoch} after ${epoch}`);
    assert.equal(service.active, null);
    assert.ok(service.nodes.every(({ breadcrumb }) => breadcrumb.kind === 'unknown'));
    assert.deepEqual(await cluster.answers(), names, 'resolvers see no step back');
    assert.deepEqual(cluster.actions(), before, 'nothing was started or stopped');
  });

  await t.test('after a person has said what runs, it fails over as before', async () => {
    const refused = await cluster.oneup('switchover', SERVICE, '--to', 'a');
    assert.notEqual(refused.code, 0, 'nobody has said that b runs');
    // The probers have begun anew, and one that is late has not seen b answer yet.
    await waitUntil('the adoption', async () => {
      const adopted = await cluster.oneup('adopt', SERVICE, '--node', 'b', '--reason', 'restored');
      if (adopted.code !== 0) throw new Error(`${adopted.stdout}${adopted.stderr}`);
      return true;
    });
    await cluster.settled('b');
    cluster.killInstance('b');
    await cluster.settled('a');
  });
});

test('a prober that was away from before the backup is told by its peers that the store went back', async () => {
  await using cluster = await Cluster.running({ changes: PATIENT });
  await cluster.prober('p3').end('SIGTERM');
  const backup = cluster.path('backup.db');
  copyStore(cluster.path('var', 'oneup.db'), backup);
  await waitUntil('b to be active', async () => {
    const { active, operation } = await cluster.service('p1');
    // Both who are left must vote: one that is late for a moment ends a planned move, and a person asks again.
    if (active === 'a' && operation === null)
      await cluster.accepted({ kind: 'switchover', from: 'a', to: 'b', reason: 'after the backup' }, 'p1');
    return active === 'b';
  });
  await waitUntil('p1 and p2 to answer b', () => bothAnswer(cluster, 'b'));
  const before = cluster.actions();
  await Promise.all((['p1', 'p2'] as const).map((prober) => cluster.prober(prober).end('SIGTERM')));
  for (const file of ['oneup.db', 'oneup.db-wal', 'oneup.db-shm']) rmSync(cluster.path('var', file), { force: true });
  copyStore(backup, cluster.path('var', 'oneup.db'));
  for (const prober of ['p1', 'p2'] as const) cluster.start(prober);
  // Each of them alone can tell p3, which waits for neither for long.
  await waitUntil('p1 and p2 to serve what they kept', () => bothAnswer(cluster, 'b'));
  cluster.start('p3');
  const { problem } = await waitUntil('p3 to refuse the store', async () => {
    const status = await cluster.status('p3');
    return status.problem?.code === 'ONEUP_STORE_WENT_BACK' ? status : null;
  });
  assert.match(problem?.message ?? '', /name server of this cluster answers for web with epoch/);
  assert.deepEqual(cluster.actions(), before);
});

async function bothAnswer(cluster: Cluster, node: NodeName): Promise<boolean> {
  const answers = await cluster.answers(['p1', 'p2']);
  return answers.every((answer) => answer === cluster.network.nodes[node]);
}

/** A whole copy of a store that may be in use. */
function copyStore(from: string, to: string): void {
  const store = new DatabaseSync(from);
  store.exec(`VACUUM INTO '${to}'`);
  store.close();
}
