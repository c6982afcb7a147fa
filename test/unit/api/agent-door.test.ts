// What agents may ask, on real sockets: every answer comes from the store, and none after a REVOKE (S14, S15).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { AgentReport, Renewal } from '../../../src/ports/agent-link.ts';
import type { StoreView } from '../../../src/ports/store-view.ts';
import { createIdentity, type DoorWorld, LEASE, openDoorWorld, setGrant } from '../../support/agent-door-world.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const IDENTITY = createIdentity();
/** What nobody wakes would be answered after this. */
const HOLD_MS = 40_000;
const LONG = { signal: AbortSignal.timeout(600_000) };
const RENEWAL: Renewal = {
  ...{ ...LEASE, service: 'web', node: 'a', epoch: 4 },
  ...{ agentRun: 'r1', bootId: 'boot1', sentBootMs: 1_000, armed: true, enforced: 'keeper', asked: [], seen: null },
};
const REPORT: AgentReport = {
  ...{ service: 'web', node: 'a', agentRun: 'r1', generation: 3, epoch: 4, step: 7, role: 'active', running: true },
  ...{ lastResult: null, exited: null, enforced: 'keeper' },
};
const _GOALS = JSON.stringify({ cluster: 'test', generation: null, after: -1 });

function code(expected: string, text: RegExp = /./) {
  return (error: OneupError) => {
    assert.equal(error.code, expected, error.message);
    assert.match(error.message, text);
    return true;
  };
}

describe('goals', { concurrency: true }, () => {
  const order = {
    ...{ action: 'start', timeoutMs: 1_000, env: { ONEUP_STEP: '7' } },
    context: {
      cluster: 'test',
      service: 'web',
      node: 'a',
      generation: 3,
      epoch: 4,
      step: 7,
      opId: 'o1',
      from: null,
      to: 'a',
    },
  };

  async function woken(world: DoorWorld, link: ReturnType<DoorWorld['link']>, change: () => Promise<unknown>) {
    const before = await link.goals({ after: -1, ...LONG });
    const polling = link.goals({ after: before.revision, ...LONG });
    await sleep(200);
    const changed = change().then(() => performance.now());
    const answered = await polling;
    assert.ok(world.clock.monotonicMs() > 0);
    return { answered, tookMs: performance.now() - (await changed) };
  }

  test('a long poll wakes with a new grant, an order and a REVOKE, long before it would answer anyway', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open({ holdMs: HOLD_MS })], token: (await world.token()).text });
    const changes = [
      () => setGrant(world, { node: 'a', epoch: 5, revoked: false }),
      () => put(world.store, world.keys.goal('web', 'a'), JSON.stringify(order)),
      () => setGrant(world, { node: 'a', epoch: 5, revoked: true }),
    ];
    const seen = [];
    for (const change of changes) {
      const { answered, tookMs } = await woken(world, link, change);
      assert.ok(tookMs < HOLD_MS / 2, `woke after ${tookMs} ms`);
      seen.push(answered.goals[0]);
    }
    assert.deepEqual(
      seen.map((goal) => goal?.grant?.revoked),
      [false, false, true],
    );
    assert.deepEqual(seen[1]?.order, order);
    assert.deepEqual(seen[1]?.lease, LEASE);
  });

  test('a change of others does not wake it; it answers after a while anyway', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open({ holdMs: 600 })], token: (await world.token()).text });
    const { revision } = await link.goals({ after: -1, ...LONG });
    const beganMs = performance.now();
    const polling = link.goals({ after: revision, ...LONG });
    await put(world.store, world.keys.goal('web', 'b'), JSON.stringify(order));
    await put(world.store, world.keys.grant('web2'), '{}');
    await polling;
    assert.ok(performance.now() - beganMs > 500);
  });

  test('a long poll outlives a reload, and is answered under the new configuration', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const link = world.link({ doors: [door], token: (await world.token()).text });
    const { revision } = await link.goals({ after: -1, ...LONG });
    const polling = link.goals({ after: revision, ...LONG });
    await sleep(200);
    const before = door.source();
    const version = await put(world.store, world.keys.config, 'new text');
    door.source = () => fail(new OneupError('ONEUP_STORE_UNREACHABLE', 'between two configurations'));
    await sleep(200);
    const lease = { ...LEASE, periodMs: 60_000 };
    door.source = () => ({
      ...{ ...before, configVersion: version },
      nodesOf: (agent) => before.nodesOf(agent).map((node) => ({ ...node, lease })),
    });
    const answered = await polling;
    assert.equal(answered.goals[0]?.lease.periodMs, 60_000);
  });

  test('a long poll does not wait on a copy of the records that is followed no more', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open({ holdMs: 50_000 });
    const link = world.link({ doors: [door], token: (await world.token()).text });
    const source = door.source();
    const view: StoreView = { ...source.view, onChange: () => () => {} };
    door.source = () => ({ ...source, view });
    const { revision } = await link.goals({ after: -1, ...LONG });
    const polling = link.goals({ after: revision, ...LONG });
    await sleep(200);
    await put(world.store, world.keys.goal('web', 'a'), JSON.stringify(order));
    // The store was opened anew: the copy that the poll listens to hears of nothing.
    door.source = () => source;
    assert.deepEqual((await polling).goals[0]?.order, order);
  });

  test('while the records are written anew nobody is told what they say (S4)', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open()], token: (await world.token()).text });
    const meta = JSON.parse((await mustGet(world.store, world.keys.meta)).value);
    const rebuild = { by: 'recover', token: 'x' };
    await put(world.store, world.keys.meta, JSON.stringify({ ...meta, rebuild }));
    const refused = code('ONEUP_AGENT_UNANSWERED', /ONEUP_STORE_REBUILDING/);
    await assert.rejects(link.goals({ after: -1, ...LONG }), refused);
    await assert.rejects(link.renew(RENEWAL, LONG), refused);
  });

  test('the store is asked, not the copy of the prober, also when that is behind (S14)', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const source = door.source();
    const old = await mustGet(world.store, world.keys.grant('web'));
    const view: StoreView = { ...source.view, get: (key) => (key === old.key ? old : undefined) };
    door.source = () => ({ ...source, view });
    await setGrant(world, { node: 'a', epoch: 9, revoked: true });
    const link = world.link({ doors: [door], token: (await world.token()).text });
    const { goals } = await link.goals({ after: -1, ...LONG });
    assert.deepEqual(goals[0]?.grant, { epoch: 9, revoked: true });
    assert.equal((await link.renew(RENEWAL, LONG)).kind, 'over');
  });

  test('a damaged order is an error and no order', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open()], token: (await world.token()).text });
    await put(world.store, world.keys.goal('web', 'a'), '{"action":"start"}');
    await assert.rejects(link.goals({ after: -1, ...LONG }), code('ONEUP_AGENT_UNANSWERED', /ONEUP_STORE_CORRUPT/));
  });
});

describe('report', { concurrency: true }, () => {
  test('is a record of the session of the prober, written on change only', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const link = world.link({ doors: [door], token: (await world.token()).text });
    await link.report(REPORT, LONG);
    const first = await mustGet(world.store, world.keys.agent('web', 'a'));
    assert.equal(first.sessionId, door.session.id);
    assert.deepEqual(JSON.parse(first.value), REPORT);
    await link.report(REPORT, LONG);
    assert.equal((await mustGet(world.store, world.keys.agent('web', 'a'))).version, first.version);
    await link.report({ ...REPORT, running: false }, LONG);
    assert.notEqual((await mustGet(world.store, world.keys.agent('web', 'a'))).version, first.version);
    await link.report({ ...REPORT, step: 6 }, LONG);
    assert.equal(
      JSON.parse((await mustGet(world.store, world.keys.agent('web', 'a'))).value).step,
      7,
      'an older one is void',
    );
    await door.session.close();
    assert.equal(await world.store.get(world.keys.agent('web', 'a')), null);
  });

  test('is there again at once when the prober has a new session, unless another has spoken since', async () => {
    for (const isSilent of [true, false]) {
      await using world = await openDoorWorld(IDENTITY);
      const [door, next] = [await world.open(), await world.open()];
      const link = world.link({ doors: [door], token: (await world.token()).text });
      const key = world.keys.agent('web', 'a');
      await link.report(REPORT, LONG);
      const { revision } = await link.goals({ after: -1, ...LONG });
      const polling = link.goals({ after: revision, ...LONG });
      await sleep(200);
      await door.session.close();
      if (!isSilent) await put(world.store, key, '"later"');
      const source = door.source();
      door.source = () => ({ ...source, session: () => next.session });
      await setGrant(world, { node: 'a', epoch: 5, revoked: false });
      await polling;
      const { value, sessionId } = await mustGet(world.store, key);
      assert.deepEqual([JSON.parse(value), sessionId], isSilent ? [REPORT, next.session.id] : ['later', null]);
    }
  });

  test('vanishes when the agent is gone, unless another prober has taken over', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const [one, two] = [await world.open(), await world.open()];
    const { text } = await world.token();
    const first = world.link({ doors: [one], token: text });
    await first.report(REPORT, LONG);
    first[Symbol.dispose]();
    const second = world.link({ doors: [two], token: text });
    const other = world.link({ doors: [one], token: (await world.token('n2')).text });
    await other.report({ ...REPORT, node: 'b', role: 'stopped' }, LONG);
    await second.report(REPORT, LONG);
    const polling = new AbortController();
    const kept = keepPolling(second, polling.signal);
    other[Symbol.dispose]();
    const untilMs = performance.now() + 15_000;
    while ((await world.store.get(world.keys.agent('web', 'b'))) !== null) {
      assert.ok(performance.now() < untilMs, 'the report of an agent that is gone stays');
      await sleep(100);
    }
    const stays = await mustGet(world.store, world.keys.agent('web', 'a'));
    assert.equal(stays.sessionId, two.session.id);
    polling.abort();
    await kept;
  });
});

async function keepPolling(link: ReturnType<DoorWorld['link']>, signal: AbortSignal): Promise<void> {
  let after = -1;
  while (!signal.aborted) {
    const goals = await link.goals({ after, signal }).catch(() => null);
    after = goals?.revision ?? after;
  }
}

function fail(error: Error): never {
  throw error;
}
