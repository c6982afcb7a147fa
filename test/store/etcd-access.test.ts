// Who may use etcd, and how much of it: rights, certificates, limits, a full disk, and servers that are something else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { askEtcdMembers } from '../../src/store/etcd/etcd-members.ts';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { clock, etcdOptions, TTL_MS, until, urlOf } from '../support/etcd-options.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { askEtcd, startEtcd } from '../support/servers/etcd-server.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { commit, follow, mustGet, put } from '../support/store-calls.ts';

describe('who may use etcd, and how much of it', () => {
  test('a wrong password is refused without being shown; rights by prefix are enough, and end at the prefix', async () => {
    await using etcd = await startEtcd();
    const [endpoint = ''] = etcd.endpoints;
    const shared = etcdOptions(etcd.endpoints, { username: 'oneup', password: 'right-password' });
    const prefix = Buffer.from(shared.namespace).toString('base64');
    const end = Buffer.from(`${shared.namespace.slice(0, -1)}0`).toString('base64');
    for (const user of ['root', 'oneup']) {
      await askEtcd(endpoint, '/v3/auth/user/add', { name: user, password: 'right-password' });
      await askEtcd(endpoint, '/v3/auth/role/add', { name: user });
      await askEtcd(endpoint, '/v3/auth/user/grant', { user, role: user });
    }
    const perm = { permType: 'READWRITE', key: prefix, range_end: end };
    await askEtcd(endpoint, '/v3/auth/role/grant', { name: 'oneup', perm });
    await askEtcd(endpoint, '/v3/auth/enable', {});
    await using store = await openEtcdStore(shared);
    const session = await store.openSession({ id: 's', ttlMs: TTL_MS });
    const revision = await put(store, '/k', '1', session.id);
    await using watch = follow(store, '/', revision);
    await put(store, '/k', '2');
    await until('its watch works', () => watch.events.length > 0);
    const wrong = await openEtcdStore({ ...shared, password: 'wrong-password' }).then(
      () => assert.fail('it was let in'),
      (error: Error & { code: string }) => error,
    );
    assert.equal(wrong.code, 'ONEUP_STORE_DENIED');
    assert.ok(!`${wrong.message}${wrong.stack}${String(wrong.cause)}`.includes('wrong-password'));
    const denied = { code: 'ONEUP_STORE_DENIED' };
    await assert.rejects(openEtcdStore({ ...shared, username: null, password: null }), denied);
    await assert.rejects(openEtcdStore({ ...shared, namespace: '/test/other/' }), denied);
  });

  test('over TLS with the right authority and name, and with no other', async () => {
    const authority = createAuthority();
    const { cert, key } = authority.certify(['DNS:etcd.example.com']);
    const directory = mkdtempSync(join(tmpdir(), 'oneup-etcd-tls-'));
    try {
      writeFileSync(join(directory, 'cert.pem'), cert);
      writeFileSync(join(directory, 'key.pem'), key, { mode: 0o600 });
      const files = ['--cert-file', join(directory, 'cert.pem'), '--key-file', join(directory, 'key.pem')];
      // What the members need to speak to themselves, as the gateway of each does.
      const peer = ['--listen-metrics-urls', urlOf((await freePorts(1))[0] ?? 0)];
      const health = `${peer[1]}/health`;
      await using etcd = await startEtcd({
        scheme: 'https',
        args: [...files, ...peer],
        isReady: async () => (await fetch(health, { signal: AbortSignal.timeout(5_000) })).ok,
      });
      const tls = { ca: authority.ca, cert: null, key: null, serverName: 'etcd.example.com' };
      await using store = await openEtcdStore(etcdOptions(etcd.endpoints, { tls }));
      await put(store, '/k', '1');
      assert.equal((await mustGet(store, '/k')).value, '1');
      const limits = { clock, timeoutMs: 20_000, signal: new AbortController().signal };
      const access = { endpoints: etcd.endpoints, username: null, password: null, tls };
      assert.equal((await askEtcdMembers(access, limits))[0]?.state, 'leads');
      const [strange] = await askEtcdMembers({ ...access, tls: null }, limits);
      assert.match(`${strange?.state}: ${strange?.reason}`, /^refuses: .*certificate/);
      const refused = { code: 'ONEUP_STORE_UNREACHABLE', message: /certificate|altnames/i };
      await assert.rejects(openEtcdStore(etcdOptions(etcd.endpoints, { tls: { ...tls, serverName: null } })), refused);
      const stranger = createAuthority().ca;
      await assert.rejects(openEtcdStore(etcdOptions(etcd.endpoints, { tls: { ...tls, ca: stranger } })), refused);
      await assert.rejects(openEtcdStore(etcdOptions(etcd.endpoints)), refused);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test("with etcd's own limits small commits work, and a large one names the setting to raise", async () => {
    await using etcd = await startEtcd({ hasOwnLimits: true });
    await using store = await openEtcdStore(etcdOptions(etcd.endpoints));
    const writes = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ kind: 'put', key: `/k/${index}`, value: '1' }) as const);
    assert.equal((await commit(store, { writes: writes(100) })).kind, 'committed');
    await assert.rejects(commit(store, { writes: writes(200) }), (error: Error & { code: string; remedy: string }) => {
      assert.equal(error.code, 'ONEUP_STORE_LIMIT');
      assert.match(error.remedy, /--max-txn-ops/);
      return true;
    });
    const large = [0, 1].map((n) => ({ kind: 'put', key: `/large/${n}`, value: 'x'.repeat(1024 * 1024) }) as const);
    await assert.rejects(commit(store, { writes: large }), { code: 'ONEUP_STORE_LIMIT' });
    assert.equal((await store.list('/k/')).entries.length, 100);
  });

  test('a full disk stops writes and says so; reading goes on', async () => {
    await using etcd = await startEtcd({ args: ['--quota-backend-bytes', String(16 * 1024 * 1024)] });
    await using store = await openEtcdStore(etcdOptions(etcd.endpoints));
    await put(store, '/k', '1');
    const fill = async () => {
      for (let at = 0; at < 64; at += 1) await put(store, '/fill', `${at}`.padEnd(1024 * 1024, 'x'));
    };
    await assert.rejects(fill(), { code: 'ONEUP_STORE_FULL' });
    assert.equal(store.health().kind, 'lost');
    assert.equal((await mustGet(store, '/k')).value, '1');
  });

  test('a server that is no etcd gets a clear error, whatever it answers', async () => {
    const answers = ['', 'hello', '{}', '[1]', '{"responses": 7}', '{"header":{"revision":"x"}}', '{"header":null}'];
    let at = 0;
    const server = createServer((_request, response) => response.end(answers[at]));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const endpoint = urlOf(typeof address === 'object' ? (address?.port ?? 0) : 0);
    try {
      for (at = 0; at < answers.length; at += 1) {
        await assert.rejects(
          openEtcdStore(etcdOptions([endpoint])),
          { code: 'ONEUP_STORE_UNREACHABLE', message: /etcd/ },
          answers[at],
        );
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});
