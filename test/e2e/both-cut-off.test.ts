// A prober that is also an agent loses the store, and the others do not: its agent is served by the next prober. Once nobody serves
// it, the service is gone before another is started (S14, S15). The store is a real etcd, which p1 reaches through a line of its own.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEtcd } from '../support/servers/etcd-server.ts';
import { AgentCluster, LEASE_MS, SELF_FENCE } from './support/agents.ts';
import type { Change } from './support/cluster-files.ts';
import { waitUntil } from './support/wait-until.ts';

/** A renewal that hangs at the first prober, and a busy second one, still leave time for another. */
const LONG_LEASE_MS = 8_000;
const STORE: readonly Change[] = [
  [
    '{ kind: sqlite, path: var/oneup.db }',
    '{ kind: etcd, endpoints: ["http://${env:ONEUP_TEST_ETCD}"], callTimeout: 900ms }',
  ],
  SELF_FENCE,
  [`lease: ${LEASE_MS}ms`, `lease: ${LONG_LEASE_MS}ms`],
  // An agent that is late for less must still be the one who ends its service, and not the keeper.
  ['stopTimeout: 300ms', 'stopTimeout: 2s'],
];

test('a prober and agent that alone loses the store', async (t) => {
  await using etcd = await startEtcd();
  const [endpoint = ''] = etcd.endpoints;
  await using line = await startLine(Number(new URL(endpoint).port));
  process.env.ONEUP_TEST_ETCD = new URL(endpoint).host;
  t.after(() => delete process.env.ONEUP_TEST_ETCD);
  const env = { p1: { ONEUP_TEST_ETCD: `127.0.0.1:${line.port}` } };
  await using agents = await AgentCluster.running(STORE, { insideProbers: true, env });
  const { cluster } = agents;
  const pid = agents.instancePid('a');
  assert.ok(pid !== null);

  await t.test('its agent is served by the next prober, and the service goes on', async () => {
    line.cut();
    await waitUntil('p1 to lose the store', async () => (await cluster.status('p1')).self.store.kind === 'lost');
    await sleep(LONG_LEASE_MS + 2_000);
    assert.equal((await cluster.status('p1')).self.store.kind, 'lost');
    assert.equal(agents.instancePid('a'), pid, agents.host('a').log());
    const { active, nodes } = await cluster.service('p3');
    assert.equal(active, 'a');
    assert.ok(nodes.every(({ agent }) => agent?.isConnected));
  });

  await t.test('its own prober has the store again, and the others are gone: it is served there', async () => {
    line.mend();
    await waitUntil('p1 to have the store', async () => (await cluster.status('p1')).self.store.kind === 'reachable');
    await cluster.prober('p2').end('SIGKILL');
    await cluster.prober('p3').end('SIGKILL');
    await sleep(LONG_LEASE_MS + 2_000);
    assert.equal(agents.instancePid('a'), pid, agents.host('a').log());
  });

  await t.test('nobody has the store: the service ends before its lease does', async () => {
    line.cut();
    await waitUntil('the service to be stopped', () => agents.instancePid('a') === null);
    await waitUntil('its agent to say why', () =>
      /its lease was not renewed in time.*the service is stopped by its agent/.test(agents.host('a').log()),
    );
    assert.ok(agents.host('a').isRunning());
  });
});

type Line = AsyncDisposable & { readonly port: number; readonly cut: () => void; readonly mend: () => void };

/** Passes on what it gets, until it is cut: then nobody answers, and what stands is broken off. */
async function startLine(port: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy()).on('close', () => to.destroy());
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakOff = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      breakOff();
    },
    mend: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      breakOff();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
