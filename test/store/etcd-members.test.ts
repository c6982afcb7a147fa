// Three members of etcd, of which some die: what was acknowledged stays, what is in doubt is settled, nobody acts without a
// majority.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { CALL_TIMEOUT_MS, clock, etcdOptions, until } from '../support/etcd-options.ts';
import { startEtcd } from '../support/servers/etcd-server.ts';
import { commit, mustGet, put } from '../support/store-calls.ts';

const INCREMENTS_BETWEEN = 5;
/** Many times what an election of etcd takes. */
const SESSION_MS = 30_000;

describe('three members of etcd', () => {
  test('members are killed one after the other under load: nothing that was acknowledged is lost or done twice', async () => {
    await using etcd = await startEtcd({ members: 3 });
    await using store = await openEtcdStore(etcdOptions(etcd.endpoints, { callTimeoutMs: CALL_TIMEOUT_MS }));
    await put(store, '/n', '0');
    const session = await store.openSession({ id: 's', ttlMs: SESSION_MS });
    let [done, stop] = [0, false];
    const load = (async () => {
      while (!stop) done += await incrementOnce(store);
    })();
    const more = (what: string) => {
      const enough = done + INCREMENTS_BETWEEN;
      return until(`increments ${what}`, () => done >= enough);
    };
    try {
      for (const member of [...etcd.members, ...etcd.members]) {
        await more('with all members');
        await member.kill();
        await more('while one is gone');
        await member.start();
      }
      const lastBackBootMs = clock.bootMs();
      await until('a renewal since then', () => session.mayActUntilBootMs() > lastBackBootMs + 0.9 * SESSION_MS);
    } finally {
      stop = true;
      await load;
    }
    assert.equal(Number((await mustGet(store, '/n')).value), done);
  });

  test('without a majority nothing is read or written, and nothing expires', async () => {
    await using etcd = await startEtcd({ members: 3 });
    const shared = etcdOptions(etcd.endpoints, { callTimeoutMs: CALL_TIMEOUT_MS });
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
