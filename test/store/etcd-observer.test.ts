// Somebody who watches through a member of etcd that only follows, while the member that leads hands over, hands back and dies: every
// change that was acknowledged is seen, in its order and once, or the watch says that it must list anew (S6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../src/ports/store.ts';
import { askEtcdMembers } from '../../src/store/etcd/etcd-members.ts';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { clock, etcdOptions, until } from '../support/etcd-options.ts';
import { askEtcd, startEtcd } from '../support/servers/etcd-server.ts';
import { commit, type Followed, follow, put, spell } from '../support/store-calls.ts';

const PATIENT_MS = 90_000;
const WRITES = 5;

type Written = { readonly revision: number; readonly value: string };

/** Writes until so many were acknowledged; one of unknown outcome is followed by the next value. */
async function write(store: Store, from: number): Promise<readonly Written[]> {
  const written: Written[] = [];
  for (let at = from; written.length < WRITES; at += 1) {
    const value = String(at);
    const result = await commit(store, { writes: [{ kind: 'put', key: '/n', value }] }).catch(() => null);
    if (result?.kind === 'committed') written.push({ revision: result.revision, value });
  }
  return written;
}

/** Whether the observer knows of it: by its event, or because it was told since then to list anew, and lists it. */
async function knows({ events }: Followed, { revision, value, told, observer }: Asked): Promise<boolean> {
  if (events.some((event) => event.kind !== 'resync' && event.revision === revision)) return true;
  if (!events.slice(told).some(({ kind }) => kind === 'resync')) return false;
  return (await observer.get('/n').catch(() => null))?.value === value;
}

type Asked = Written & {
  readonly observer: Store /** Events that it had before this was written. */;
  readonly told: number;
};

/** Asked again while nobody answers: etcd may elect once more. */
async function read(store: Store): Promise<string | undefined> {
  const found: { value?: string | undefined } = {};
  const isAnswered = async () => {
    const answer = await store.get('/n').catch(() => undefined);
    found.value = answer?.value;
    return answer !== undefined;
  };
  await until('an answer', isAnswered, PATIENT_MS);
  return found.value;
}

/** Of what it was told since it last had to list anew, nothing is missing, nothing comes twice, and nothing is out of its order. */
function assertInOrder({ events }: Followed, acknowledged: readonly Written[]): void {
  const after = events.slice(1 + events.findLastIndex(({ kind }) => kind === 'resync'));
  const seen = after.flatMap((event) => (event.kind === 'put' ? [event.revision] : []));
  assert.deepEqual(
    seen,
    [...new Set(seen)].sort((a, b) => a - b),
  );
  const [first = 0, last = 0] = [seen[0], seen.at(-1)];
  for (const { revision, value } of acknowledged)
    if (revision >= first && revision <= last)
      assert.ok(seen.includes(revision), `${value} at ${revision} is missing among ${spell(events).join(', ')}`);
}

test('an observer at a member that follows sees every change while another one comes to lead', async () => {
  await using etcd = await startEtcd({ members: 3 });
  const shared = etcdOptions(etcd.endpoints, { callTimeoutMs: 3_000 });
  const access = { endpoints: etcd.endpoints, username: null, password: null, tls: null };
  const limits = { clock, timeoutMs: 5_000, signal: new AbortController().signal };
  const states = async () => (await askEtcdMembers(access, limits)).map(({ state }) => state);
  await until('one of them leads', async () => (await states()).includes('leads'), PATIENT_MS);
  const leads = (await states()).indexOf('leads');
  const [at = -1, other = -1] = [0, 1, 2].filter((member) => member !== leads);

  await using writer = await openEtcdStore(shared);
  await using observer = await openEtcdStore({ ...shared, endpoints: [etcd.endpoints[at] ?? ''] });
  const fromRevision = await put(writer, '/n', 'first');
  await using followed = follow(observer, '/n', fromRevision);
  const acknowledged: Written[] = [];
  const goOn = async (what: string) => {
    const told = followed.events.length;
    const written = await write(writer, acknowledged.length + 1);
    acknowledged.push(...written);
    const last = written.at(-1);
    assert.ok(last !== undefined);
    const asked = { ...last, told, observer };
    await until(`the observer to know of what was written ${what}`, () => knows(followed, asked), PATIENT_MS);
    assertInOrder(followed, acknowledged);
    assert.equal(await read(observer), last.value, what);
  };
  const handOver = async (to: number) => {
    const path = '/v3/maintenance/transfer-leadership';
    const { header } = (await askEtcd(etcd.endpoints[to] ?? '', '/v3/maintenance/status', {})) as {
      readonly header: { readonly member_id: string };
    };
    const isThere = async () => {
      const leading = (await states()).indexOf('leads');
      if (leading === to) return true;
      // Who leads may have changed since it was looked at; then it refuses, and is looked for again.
      await askEtcd(etcd.endpoints[leading] ?? '', path, { targetID: header.member_id }).catch(() => undefined);
      return false;
    };
    await until('the other one to lead', isThere, PATIENT_MS);
  };

  await goOn('before');
  const during = handOver(other);
  await goOn('while another one comes to lead');
  await during;
  await goOn('after it');
  await handOver(leads);
  await goOn('after it was handed back');
  const died = etcd.members[leads]?.kill();
  await goOn('while the one that leads is gone');
  await died;
  await until('one of the two to lead', async () => (await states()).includes('leads'), PATIENT_MS);
  await etcd.members[leads]?.start();
  await goOn('after it is back');
});
