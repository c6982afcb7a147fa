// Three members of etcd, of which some die: what was acknowledged stays, what is in doubt is settled, nobody acts without a
// majority.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../src/ports/store.ts';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { clock, etcdOptions, until } from '../support/etcd-options.ts';
import { startEtcd } from '../support/servers/etcd-server.ts';
import { commit, mustGet, put } from '../support/store-calls.ts';

describe('three members of etcd', () => {
  test('members are killed one after the other under load: nothing that was acknowledged is lost or done twice', async () => {
    await using etcd = await startEtcd({ members: 3 });
    await using store = await openEtcdStore(etcdOptions(etcd.endpoints, { callTimeoutMs: 3_000 }));
    await put(store, '/n', '0');
    const session = await store.openSession({ id: 's', ttlMs: 10_000 });
    let [done, stop] = [0, false];
    const load = (async () => {
      while (!stop) done += await incrementOnce(store);
    })();
    for (const member of [...etcd.members, ...etcd.members]) {
      await sleep(700);
      await member.kill();
      await sleep(700);
      await member.start();
    }
    stop = true;
    await load;
    assert.equal(Number((await mustGet(store, '/n')).value), done);
    assert.ok(done > 20, `${done} increments`);
    assert.ok(session.mayActUntilBootMs() > clock.bootMs(), 'a session outlives the loss of single members');
  });

  test('without a majority nothing is read or written, and nothing expires', async () => {
    await using etcd = await startEtcd({ members: 3 });
    const shared = etcdOptions(etcd.endpoints);
    await using store = await openEtcdStore(shared);
    await using other = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: 60_000 });
    await put(store, '/k', '1', session.id);
    await Promise.all(etcd.members.slice(1).map((member) => member.kill()));
    await assert.rejects(other.get('/k'), { code: 'ONEUP_STORE_UNREACHABLE' });
    assert.notEqual((await commit(other, { writes: [] }).catch(() => ({ kind: 'thrown' }))).kind, 'committed');
    await until('health says lost', () => other.health().kind === 'lost');
    await Promise.all(etcd.members.slice(1).map((member) => member.start()));
    await until('it answers', () =>
      other.get('/k').then(
        (entry) => entry !== null,
        () => false,
      ),
    );
    assert.ok(session.mayActUntilBootMs() > clock.bootMs());
  });
});

/** Adds one if nothing comes in between. A doubt is settled by the next guarded commit on the same record (S8). */
async function incrementOnce(store: Store): Promise<number> {
  const before = await store.get('/n').catch(() => null);
  if (before === null) return 0;
  const { value, version } = before;
  const write = (text: string) =>
    commit(store, {
      guards: [{ kind: 'version', key: '/n', version }],
      writes: [{ kind: 'put', key: '/n', value: text }],
    }).catch(() => null);
  const next = String(Number(value) + 1);
  const result = await write(next);
  if (result === null) return 0;
  if (result.kind !== 'unknown') return result.kind === 'committed' ? 1 : 0;
  for (;;) {
    const found = await store.get('/n').catch(() => null);
    if (found?.value === next) return 1;
    if (found !== null && found.version !== version) return 0;
    await write(value);
  }
}
