// A service that was published leaves the configuration: by name only, with its instance running and its name answered; what is
// known of it stays until it is forgotten, and its name leaves the zone by an explicit word.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Forgotten } from '../../src/api/forget-service.ts';
import type { HistoryEntry } from '../../src/failover/machine-effect.ts';
import { Cluster } from './support/cluster.ts';
import { type Change, SERVICE } from './support/cluster-files.ts';
import { jsonOf } from './support/expect-exit.ts';
import { reloadUntilAnswered } from './support/reload-until-answered.ts';
import { waitUntil } from './support/wait-until.ts';

/** Stays, so that the cluster has something to do. */
const OTHER = `  db:
    record: { name: db.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.201 }, { id: b, address: 127.0.0.202 }]
    check: { tcp: "{address}:9", interval: 900ms, timeout: 300ms }
    actions: { start: { exec: { command: ["true"] } }, stop: { exec: { command: ["true"] } }, fence: [{ exec: { command: ["true"] }, confirmedByExit: true }] }
`;
const WITH_OTHER: Change = ['services:\n', `services:\n${OTHER}`];

test('release, come back, release and forget', { timeout: 240_000 }, async (t) => {
  await using cluster = await Cluster.running({ changes: [WITH_OTHER] });
  const file = cluster.path('oneup.yaml');
  const whole = readFileSync(file, 'utf8');
  const start = whole.indexOf(`  ${SERVICE}:\n`);
  const without = whole.slice(0, start);
  const address = cluster.network.nodes.a;

  await t.test('it does not leave by accident', async () => {
    writeFileSync(file, without);
    assert.match(await refusedReload(cluster), /S7\.node-may-run[\s\S]*oneup reload --release web/);
    assert.match(await refusedReload(cluster, '--release', 'db'), /S7\.not-leaving/);
    assert.match(await refusedForget(cluster), /S7\.in-force/);
  });

  await t.test('released it runs on, is answered, and its history is read', async () => {
    const pid = cluster.instancePid('a');
    assert.equal((await reloadUntilAnswered(cluster, '--release', SERVICE)).code, 0);
    await waitUntil('the service to be gone', async () => {
      const services = (await cluster.status()).cluster?.services ?? [];
      return services.length === 1 && (await cluster.answers()).every((answer) => answer === address);
    });
    assert.equal(cluster.instancePid('a'), pid);
    assert.equal(cluster.actions('begin stop a').length, 0);
    assert.ok((await jsonOf<readonly HistoryEntry[]>(cluster, 'history', SERVICE)).length > 0);
    assert.match(
      await refusedForget(cluster),
      /S7\.record-published: cannot forget web: DNS still answers for web\.ha\.example\.com\./,
    );
  });

  const starts = cluster.actions('begin start');
  await t.test('it comes back: nothing starts beside what runs, and it is taken over where it was', async () => {
    writeFileSync(file, whole);
    assert.equal((await reloadUntilAnswered(cluster)).code, 0);
    await waitUntil('the service to be back', async () => (await cluster.service()).epoch === 1);
    // Longer than the grace after which a service that nobody holds would be started.
    await sleep(1_000);
    assert.equal((await cluster.service()).operation, null);
    assert.deepEqual(cluster.actions('begin start'), starts);
    assert.ok(
      (await cluster.answers()).every((answer) => answer === address),
      'its name goes on as it was',
    );
    assert.match((await cluster.oneup('why', SERVICE)).stdout, /adopt/);
    await waitUntil(
      'the adoption',
      async () => (await cluster.oneup('adopt', SERVICE, '--node', 'a')).code === 0,
      60_000,
    );
    const back = await cluster.settled('a');
    assert.equal(back.epoch, 2, 'above the epoch that it had');
    assert.equal(back.dnsProblem, null);
  });

  await t.test('forgotten with its record nothing of it is left', async () => {
    writeFileSync(file, without);
    assert.equal((await reloadUntilAnswered(cluster, '--release', SERVICE)).code, 0);
    await waitUntil('the service to be gone', async () => (await cluster.status()).cluster?.services.length === 1);
    const { names } = await jsonOf<Forgotten>(cluster, 'forget', SERVICE, '--remove-record');
    assert.deepEqual(names, ['web.ha.example.com.']);
    await waitUntil('silence', async () => (await cluster.answers()).every((answer) => answer !== address));
    assert.deepEqual((await jsonOf<Forgotten>(cluster, 'forget', SERVICE)).records, 0);
    assert.notEqual((await cluster.oneup('history', SERVICE)).code, 0);
  });
});

async function refusedReload(cluster: Cluster, ...argv: readonly string[]): Promise<string> {
  const { code, stderr, stdout } = await reloadUntilAnswered(cluster, ...argv);
  assert.equal(code, 7, stdout + stderr);
  return stdout + stderr;
}

async function refusedForget(cluster: Cluster): Promise<string> {
  const { code, stderr, stdout } = await cluster.oneup('forget', SERVICE);
  assert.notEqual(code, 0);
  return stderr + stdout;
}
