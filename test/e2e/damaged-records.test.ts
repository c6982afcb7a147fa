// Garbage under every kind of key of one service, in the store of running probers: that service is shown as damaged with what to
// do, nothing ends, and its neighbour fails over as if nothing had happened.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusAnswer } from '../../src/cli/render-status.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { ServiceStatus } from '../../src/controller/read-model.ts';
import { openSqliteStore } from '../../src/store/sqlite/open-sqlite-store.ts';
import { Cluster } from './support/cluster.ts';
import { type Change, PROBERS, SERVICE } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

const NEIGHBOUR: Change = [
  `  ${SERVICE}:\n`,
  `  db:
    record: { name: db.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.201 }, { id: b, address: 127.0.0.202 }]
    check: { tcp: "{address}:9", interval: 900ms, timeout: 300ms }
    actions: { start: { exec: { command: ["true"] } }, stop: { exec: { command: ["true"] } }, fence: [{ exec: { command: ["true"] }, confirmedByExit: true }] }
  ${SERVICE}:
`,
];
/** Every key of a service, also those that are bound to a session, and what a prober or the controller says of itself. */
const KEYS = [
  ...['service/db', 'grant/db', 'op/db', 'tail/db', 'breadcrumb/db/a', 'breadcrumb/db/b'],
  ...['lease/db/a', 'goal/db/a', 'agent/db/a', 'request/db/r1', 'obs/db/a/p1', 'obs/db/b/p2', 'suspect/db/a/p1'],
  ...['journal/db/op-1/000001', 'history/db/op-1', 'ready/p1/db/b', 'reply/r1', 'prober/ghost', 'served/p1/db/A'],
];
const JUNK = ['{', 'null', '{"op":7}'];

async function damage(cluster: Cluster, keys: readonly string[], text: string): Promise<void> {
  const bounds = { rho: 0.01, marginMs: 100 };
  await using store = await openSqliteStore({
    path: cluster.path('var', 'oneup.db'),
    clock: createSystemClock(),
    bounds,
  });
  const writes = keys.map((key) => ({ kind: 'put', key: `/oneup/e2e/${key}`, value: text }) as const);
  const { kind } = await store.commit({ guards: [], writes, token: `damage-${text}` });
  assert.equal(kind, 'committed');
}

async function db(cluster: Cluster): Promise<ServiceStatus | undefined> {
  return (await cluster.status()).cluster?.services.find(({ service }) => service === 'db');
}

test('damaged records of one service hold that service, and are shown with a remedy', {
  timeout: 240_000,
}, async () => {
  await using cluster = await Cluster.running({ changes: [NEIGHBOUR] });
  for (const junk of JUNK) {
    await damage(cluster, KEYS, junk);
    const seen = await waitUntil(`${junk} to be seen`, async () => {
      const found = await db(cluster);
      return found?.refusal?.rule === 'S7.record-damaged' ? found : null;
    });
    assert.equal(seen.state, 'blocked');
    assert.match(seen.refusal?.reason ?? '', /service\/db/);
    await everythingAnswers(cluster);
  }
  const before = await cluster.service();
  cluster.killInstance(before.active === 'a' ? 'a' : 'b');
  await cluster.settled('b');
  for (const prober of PROBERS) assert.ok(cluster.prober(prober).isRunning(), prober);
});

async function everythingAnswers(cluster: Cluster): Promise<void> {
  const status = await cluster.oneup('status');
  assert.equal(status.code, 0, status.stderr);
  assert.match(status.stdout, /Service db: BLOCKED[\s\S]*held by S7\.record-damaged[\s\S]*remedy: Restore the store/);
  assert.match(status.stdout, new RegExp(`Service ${SERVICE}: ACTIVE`));
  const asked = JSON.parse((await cluster.oneup('status', '--json')).stdout) as StatusAnswer;
  assert.equal(asked.cluster?.services.length, 2);
  const why = await cluster.oneup('why', 'db');
  assert.match(why.stdout, /db: nobody controls db[\s\S]*remedy: Restore the store/, why.stderr);
  assert.equal((await cluster.oneup('history', 'db')).code, 0);
  const refused: readonly (readonly string[])[] = [
    ['plan', 'db'],
    ['incident', 'db'],
    ['switchover', 'db', '--to', 'b'],
  ];
  for (const argv of refused) {
    const { code, stderr } = await cluster.oneup(...argv);
    assert.ok(
      code !== 0 && /ONEUP_STORE_CORRUPT|cannot be read|Cannot read/i.test(stderr),
      `${argv.join(' ')}: ${stderr}`,
    );
  }
}
