// What `status` shows of the members of etcd: each one as it is, who is gone within the deadline, and no secret.
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import { describe, test } from 'node:test';
import type { ApiRequest } from '../../src/api/api-server.ts';
import { apiRoutes } from '../../src/api/routes.ts';
import { OneupError } from '../../src/base/oneup-error.ts';
import { openMembers } from '../../src/cli/open-members.ts';
import { openStore } from '../../src/cli/open-store.ts';
import type { StatusAnswer } from '../../src/cli/render-status.ts';
import type { Config } from '../../src/config/config.ts';
import { askEtcdMembers } from '../../src/store/etcd/etcd-members.ts';
import { openEtcdStore } from '../../src/store/etcd/open-etcd-store.ts';
import { clock, etcdOptions, until, urlOf } from '../support/etcd-options.ts';
import { SILENT, testConfig } from '../support/prober-world.ts';
import { askEtcd, startEtcd } from '../support/servers/etcd-server.ts';
import { put } from '../support/store-calls.ts';

/** A machine that is busy takes seconds for an answer; who is silent is silent for this long. */
const TIMEOUT_MS = 5_000;
const SECRET = 'wrong-Secret-9';

const limits = { clock, timeoutMs: TIMEOUT_MS, signal: new AbortController().signal };
const open = { username: null, password: null, tls: null };
const hostOf = (endpoint: string) => new URL(endpoint).host;

describe('the members of etcd', () => {
  test('three are shown, one of them first; who is killed is silent, who stands still is silent at the deadline', async () => {
    await using etcd = await startEtcd({ members: 3 });
    const access = { ...open, endpoints: etcd.endpoints };
    let all = await askEtcdMembers(access, limits);
    // etcd elects anew whenever one of them was kept from its work for a second.
    await until('one leads and two follow', async () => {
      all = await askEtcdMembers(access, limits);
      return (
        all
          .map(({ state }) => state)
          .toSorted()
          .join() === 'follows,follows,leads'
      );
    });
    assert.deepEqual(
      all.map(({ name }) => name),
      etcd.endpoints.map(hostOf),
    );
    for (const { version, bytes, reason } of all) {
      assert.match(version ?? '', /^\d+\.\d+\.\d+/);
      assert.ok((bytes ?? 0) > 0);
      assert.equal(reason, null);
    }
    // Those that follow go first: the third then sees no majority.
    const [one = 0, two = 0] = [0, 1, 2].filter((at) => all[at]?.state === 'follows');
    await etcd.members[one]?.kill();
    etcd.members[two]?.setStopped(true);
    try {
      await until('the third has noticed', async () => {
        const row = (await askEtcdMembers({ ...open, endpoints: thirdOf(etcd.endpoints, one, two) }, limits))[0];
        return row?.state === 'answers' && /majority/.test(row.reason ?? '');
      });
      const now = await askEtcdMembers(access, limits);
      assert.deepEqual(
        [now[one]?.state, now[one]?.reason, now[two]?.state, now[two]?.reason],
        ['silent', 'connection refused', 'silent', `no answer within ${TIMEOUT_MS} ms`],
      );
    } finally {
      etcd.members[two]?.setStopped(false);
    }
  });

  test('a member that no endpoint names is shown, and endpoints of two clusters are told apart', async () => {
    await using etcd = await startEtcd({ members: 2 });
    const [first = ''] = etcd.endpoints;
    const seen = await askEtcdMembers({ ...open, endpoints: [first] }, limits);
    assert.deepEqual(
      seen.map(({ name, state }) => [name, state]),
      [
        [hostOf(first), seen[0]?.state],
        ['m1', 'unasked'],
      ],
    );
    assert.ok(seen[1]?.reason?.includes(etcd.endpoints[1] ?? 'none'));
    await using other = await startEtcd();
    const mixed = await askEtcdMembers({ ...open, endpoints: [first, ...other.endpoints] }, limits);
    for (const { reason } of mixed.slice(0, 2)) assert.match(reason ?? '', /other endpoints are of another/);
  });

  test('where a login is asked for it is made; a wrong password is refused and not shown', async () => {
    await using etcd = await startEtcd();
    const [endpoint = ''] = etcd.endpoints;
    const user = 'root';
    await askEtcd(endpoint, '/v3/auth/user/add', { name: user, password: 'right-password' });
    await askEtcd(endpoint, '/v3/auth/role/add', { name: user });
    await askEtcd(endpoint, '/v3/auth/user/grant', { user, role: user });
    await askEtcd(endpoint, '/v3/auth/enable', {});
    const login = { endpoints: [endpoint], username: user, tls: null };
    assert.equal((await askEtcdMembers({ ...login, password: 'right-password' }, limits))[0]?.state, 'leads');
    assert.doesNotMatch(JSON.stringify(await askEtcdMembers({ ...login, password: SECRET }, limits)), /Secret/);
    // etcd may come to ask for a login here too: a front that does, with the real one behind it.
    let logins = 0;
    await using front = await serve(async (path, body, token) => {
      if (path.endsWith('/authenticate')) {
        logins += 1;
        return post(endpoint, path, body);
      }
      if (token === undefined) return { status: 401, text: '{"code":16,"message":"etcdserver: invalid auth token"}' };
      return post(endpoint, path, body);
    });
    const behind = { ...login, endpoints: [front.url] };
    assert.equal((await askEtcdMembers({ ...behind, password: 'right-password' }, limits))[0]?.state, 'leads');
    assert.ok(logins > 0);
    const [denied] = await askEtcdMembers({ ...behind, password: SECRET }, limits);
    assert.equal(denied?.state, 'refuses');
    assert.match(denied?.reason ?? '', /authentication failed/);
    assert.doesNotMatch(JSON.stringify(denied), /Secret/);
  });

  test('whatever else answers is refused, in one short line', async () => {
    const strange =
      '{"header":{"member_id":"1","cluster_id":"1"},"version":"\\u001b[2J3.4\\n","leader":"1","dbSize":"x"}';
    for (const text of ['', 'hello', '{}', '[1]', '7', '{"header":7}', '{"members":[7]}', strange, 'x'.repeat(1e6)]) {
      await using server = await serve(async () => ({ status: 200, text }));
      const [row] = await askEtcdMembers({ ...open, endpoints: [server.url] }, limits);
      assert.match(`${row?.state} ${row?.reason}`, /^(?:refuses|leads) /, text.slice(0, 99));
      const shown = `${row?.version} ${row?.reason}`;
      assert.doesNotMatch(shown, /\p{Cc}/u);
      assert.ok(shown.length < 300, shown);
    }
  });

  test('status answers with all members silent and no store, and asks nobody unless it is told to', async () => {
    await using etcd = await startEtcd({ members: 3 });
    const config = configFor(etcd.endpoints);
    const stop = new AbortController();
    const deps = { clock, logger: SILENT, parentEnv: {}, uniqueId: () => 'id', pid: 1, signal: stop.signal };
    await using store = await openStore(config, deps);
    await put(store, '/oneup/test/k', '1');
    const shown = await openMembers(config, deps, () => store)();
    assert.deepEqual(
      shown.filter(({ isInUse }) => isInUse).map(({ name }) => name),
      [store.inUse?.()],
    );
    assert.ok(shown.some(({ name, isInUse }) => isInUse && etcd.endpoints.map(hostOf).includes(name)));
    await Promise.all(etcd.members.map((member) => member.kill()));
    await until('the store is lost', () => store.health().kind === 'lost');
    const problem = new OneupError('ONEUP_STORE_UNREACHABLE', 'gone');
    const status = statusOf(
      problem,
      openMembers(config, deps, () => store),
    );
    assert.equal((await status('')).self.store.members, undefined);
    const answer = await status('?members=yes');
    assert.equal(answer.problem?.code, 'ONEUP_STORE_UNREACHABLE');
    assert.equal(answer.self.store.kind, 'lost');
    assert.deepEqual(
      answer.self.store.members?.map(({ state, isInUse }) => [state, isInUse]),
      etcd.endpoints.map(() => ['silent', false]),
    );
  });
});

test('a store names the member that answered last', async () => {
  await using etcd = await startEtcd({ members: 3 });
  await using store = await openEtcdStore(etcdOptions(etcd.endpoints));
  await put(store, '/k', '1');
  const at = etcd.endpoints.map(hostOf).indexOf(store.inUse?.() ?? '');
  await etcd.members[at]?.kill();
  await until('another one answers', () =>
    store.get('/k').then(
      () => store.inUse?.() !== hostOf(etcd.endpoints[at] ?? ''),
      () => false,
    ),
  );
});

function thirdOf(endpoints: readonly string[], ...others: readonly number[]): readonly string[] {
  return endpoints.filter((_, at) => !others.includes(at));
}

function configFor(endpoints: readonly string[]): Config {
  const base = testConfig();
  const store = { kind: 'etcd', endpoints, ...open, callTimeoutMs: 2_000 } as const;
  return { ...base, cluster: { ...base.cluster, store } };
}

/** The answer to GET /v1/status with this query, from a prober without a store. */
function statusOf(problem: OneupError, members: () => Promise<readonly object[]>) {
  const routes = apiRoutes({
    source: () => {
      throw problem;
    },
    self: () => ({ store: { kind: 'lost', code: problem.code, reason: problem.message } }),
    members,
    reload: () => assert.fail('nobody reloads'),
  });
  const route = routes.find(({ path }) => path === '/v1/status') ?? assert.fail('no status');
  return async (query: string): Promise<StatusAnswer> => {
    const request: ApiRequest = { params: {}, query: new URLSearchParams(query), body: null, idempotencyKey: null };
    return (await route.handle(request)).body as StatusAnswer;
  };
}

type Reply = { readonly status: number; readonly text: string };
type Answer = (path: string, body: string, token: string | undefined) => Promise<Reply>;

async function serve(answer: Answer): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const { status, text } = await answer(request.url ?? '', body, request.headers.authorization);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: urlOf(typeof address === 'object' ? (address?.port ?? 0) : 0),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function post(endpoint: string, path: string, body: string): Promise<Reply> {
  const response = await fetch(`${endpoint}${path}`, { method: 'POST', body });
  return { status: response.status, text: await response.text() };
}
