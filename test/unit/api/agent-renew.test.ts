// Renewals of leases, on real sockets: every answer comes from the store, and none after a REVOKE (S14, S15).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { AgentReport, Renewal } from '../../../src/ports/agent-link.ts';
import type { Store } from '../../../src/ports/store.ts';
import { createIdentity, LEASE, openDoorWorld, setGrant } from '../../support/agent-door-world.ts';
import { askDoor } from '../../support/ask-door.ts';
import { mustGet, remove } from '../../support/store-calls.ts';

const IDENTITY = createIdentity();
const LONG = { signal: AbortSignal.timeout(60_000) };
const RENEWAL: Renewal = {
  ...{ ...LEASE, service: 'web', node: 'a', epoch: 4 },
  ...{ agentRun: 'r1', bootId: 'boot1', sentBootMs: 1_000, armed: true, enforced: 'keeper', asked: [], seen: null },
};
const REPORT: AgentReport = {
  ...{ service: 'web', node: 'a', agentRun: 'r1', generation: 3, epoch: 4, step: 7, role: 'active', running: true },
  ...{ lastResult: null, exited: null, enforced: 'keeper' },
};
const GOALS = JSON.stringify({ cluster: 'test', generation: null, after: -1 });

function code(expected: string, text: RegExp = /./) {
  return (error: OneupError) => {
    assert.equal(error.code, expected, error.message);
    assert.match(error.message, text);
    return true;
  };
}

describe('renew', { concurrency: true }, () => {
  test('writes the lease, and says over for every other grant', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open()], token: (await world.token()).text });
    assert.equal((await link.renew(RENEWAL, LONG)).kind, 'renewed');
    const { service: _service, node: _node, seen: _seen, ...lease } = RENEWAL;
    assert.deepEqual(JSON.parse((await mustGet(world.store, world.keys.lease('web', 'a'))).value), lease);
    for (const [grant, reason] of [
      [{ node: 'a', epoch: 4, revoked: true }, 'the grant is revoked'],
      [{ node: 'b', epoch: 5, revoked: false }, 'the grant belongs to b'],
      [{ node: 'a', epoch: 6, revoked: true }, 'the grant is revoked'],
      [{ node: 'a', epoch: 3, revoked: false }, 'the grant is of epoch 3'],
    ] as const) {
      await setGrant(world, grant);
      assert.deepEqual(await link.renew(RENEWAL, LONG), { kind: 'over', reason });
    }
    await setGrant(world, { node: 'a', epoch: 6, revoked: false });
    const version = async () => (await mustGet(world.store, world.keys.lease('web', 'a'))).version;
    const before = await version();
    assert.deepEqual(await link.renew(RENEWAL, LONG), { kind: 'regranted' });
    assert.equal(await version(), before, 'nothing is renewed under the epoch before');
    await remove(world.store, world.keys.grant('web'));
    assert.deepEqual(await link.renew(RENEWAL, LONG), { kind: 'over', reason: 'nobody holds a grant' });
  });

  test('other terms than those of the configuration are refused', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open()], token: (await world.token()).text });
    for (const key of ['periodMs', 'stopTimeoutMs', 'marginMs'] as const) {
      const wrong = { ...RENEWAL, [key]: RENEWAL[key] - 1 };
      await assert.rejects(link.renew(wrong, LONG), code('ONEUP_AGENT_DENIED', new RegExp(key)));
    }
    assert.equal(await world.store.get(world.keys.lease('web', 'a')), null);
  });

  test('a REVOKE between the look and the commit wins: nothing is renewed after it (S15)', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await world.open();
    const inner = door.source();
    let races = 0;
    const racing: Store = Object.assign(Object.create(inner.store), {
      get: (key: string) => inner.store.get(key),
      commit: async (request: Parameters<Store['commit']>[0]) => {
        races += 1;
        if (races === 1) await setGrant(world, { node: 'a', epoch: 4, revoked: true });
        return inner.store.commit(request);
      },
    });
    door.source = () => ({ ...inner, store: racing });
    const link = world.link({ doors: [door], token: (await world.token()).text });
    assert.deepEqual(await link.renew(RENEWAL, LONG), { kind: 'over', reason: 'the grant is revoked' });
    assert.equal(await world.store.get(world.keys.lease('web', 'a')), null, 'the lease was not written');
  });

  test('a renewal that is late, here or in the store, undoes none that was sent after it', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const [slow, quick] = [await world.open(), await world.open()];
    const { text } = await world.token();
    const [late, next] = [world.link({ doors: [slow], token: text }), world.link({ doors: [quick], token: text })];
    const inner = slow.source();
    const leaseKey = world.keys.lease('web', 'a');
    let sentBootMs = 1_000;
    for (const held of ['get', 'commit'] as const) {
      const [reached, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const hold = async () => {
        reached.resolve();
        await released.promise;
      };
      const store: Store = Object.assign(Object.create(inner.store), {
        get: async (key: string) => {
          if (held === 'get' && key === leaseKey) await hold();
          return inner.store.get(key);
        },
        commit: async (request: Parameters<Store['commit']>[0]) => {
          if (held === 'commit') await hold();
          return inner.store.commit(request);
        },
      });
      slow.source = () => ({ ...inner, store });
      sentBootMs += 1_000;
      const first = late.renew({ ...RENEWAL, sentBootMs }, LONG);
      await reached.promise;
      sentBootMs += 1_000;
      // The keeper binds nothing any more.
      const second = { ...RENEWAL, sentBootMs, armed: false };
      assert.equal((await next.renew(second, LONG)).kind, 'renewed');
      released.resolve();
      await assert.rejects(first, code('ONEUP_AGENT_UNANSWERED', /a later renewal is in the store/));
      assert.equal(JSON.parse((await mustGet(world.store, leaseKey)).value).armed, false, held);
    }
    // After a reboot the clock of the node begins anew.
    assert.equal((await next.renew({ ...RENEWAL, bootId: 'boot2', sentBootMs: 5 }, LONG)).kind, 'renewed');
  });

  test('a prober without its store answers 503 and nothing from memory; the next one answers', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const [stale, good] = [await world.open(), await world.open()];
    const { text } = await world.token();
    const link = world.link({ doors: [stale], token: text });
    const { revision } = await link.goals({ after: -1, ...LONG });
    const cut = new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the store: cut off');
    const source = stale.source();
    const gone = async (): Promise<never> => Promise.reject(cut);
    const dead: Store = Object.assign(Object.create(source.store), { get: gone, list: gone, commit: gone });
    // First the store alone is silent while the copy of the prober stands, then there is no store at all.
    for (const broken of [() => ({ ...source, store: dead }), () => fail(cut)]) {
      stale.source = broken;
      await assert.rejects(
        link.goals({ after: -1, ...LONG }),
        code('ONEUP_AGENT_UNANSWERED', /ONEUP_STORE_UNREACHABLE/),
      );
      await assert.rejects(link.renew(RENEWAL, LONG), code('ONEUP_AGENT_UNANSWERED', /ONEUP_STORE_UNREACHABLE/));
      await assert.rejects(link.report(REPORT, LONG), code('ONEUP_AGENT_UNANSWERED', /ONEUP_STORE_UNREACHABLE/));
      const reply = await askDoor(stale.endpoint, { ca: world.authority.ca, token: text, body: GOALS });
      assert.equal(reply.status, 503);
    }
    const both = world.link({ doors: [stale, good], token: text });
    assert.equal((await both.goals({ after: -1, ...LONG })).revision >= revision, true);
    assert.equal((await both.renew(RENEWAL, LONG)).kind, 'renewed');
  });
});

function fail(error: Error): never {
  throw error;
}
