// A cluster at rest writes nothing but the renewals of its sessions (S23): the cost of the store grows with changes, not with
// services, checks or probers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSteadyCluster } from '../support/steady-cluster.ts';

const HOUR_MS = 3_600_000;
/** Checks once a minute: an hour of fake time then has 60 rounds instead of 720, and a verdict changes as seldom. */
const INTERVAL = '60s';
const SETTLED_MS = 150_000;
/** Sessions are renewed three times in their life of 15 s. */
const RENEWALS_PER_HOUR = 720;

test('1,000 services, three probers and a controller: a tenth of an hour at rest is 288 renewals and not one commit', async () => {
  const cluster = await openSteadyCluster({ services: 1_000, probers: 3, interval: INTERVAL });
  const { counts, looks, controller, store, config, pass } = cluster;
  await pass(SETTLED_MS);
  assert.equal(controller.isLeading(), true);
  const observations = (await store.list(`/oneup/${config.cluster.name}/obs/`)).entries;
  assert.equal(observations.length, 6_000, 'every prober has told of every node');
  assert.equal(counts.sessions, 4);
  const [before, looksBefore] = [{ ...counts }, looks()];
  // A tenth of an hour with the ticks of a thousand machines in it; what happens once in an hour would show in ten of these.
  await pass(HOUR_MS / 10);
  assert.equal(looks() - looksBefore, 6 * 6_000, 'the probers go on looking');
  assert.equal(counts.commits - before.commits, 0);
  assert.equal(counts.bytes - before.bytes, 0);
  const renewals = counts.renewals - before.renewals;
  const expected = (4 * RENEWALS_PER_HOUR) / 10;
  assert.ok(Math.abs(renewals - expected) <= 8, `${renewals} renewals in six minutes, about ${expected} expected`);
  // The counters are awake: one service that fails is told by every prober.
  cluster.down.add('s7');
  await pass(70_000);
  assert.ok(counts.commits - before.commits >= 3);
  assert.ok(counts.bytes > before.bytes);
  await cluster.end();
});
