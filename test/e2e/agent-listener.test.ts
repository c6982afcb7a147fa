// Tokens and the listener for agents of real probers: made on the command line, used over TLS, across a reload and the loss of
// the store, and refused when revoked.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { createHttpsLink, type HttpsLink } from '../../src/agent/https-link.ts';
import type { CreatedToken, ListedToken } from '../../src/api/tokens.ts';
import type { OneupError } from '../../src/base/oneup-error.ts';
import { Secret } from '../../src/base/secret.ts';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { AgentReport } from '../../src/ports/agent-link.ts';
import { askDoor } from '../support/ask-door.ts';
import { createAuthority } from '../support/servers/certificates.ts';
import { Cluster } from './support/cluster.ts';
import { type Network, PROBERS } from './support/cluster-files.ts';
import { reloadUntilAnswered } from './support/reload-until-answered.ts';
import { waitUntil } from './support/wait-until.ts';

const API_PORT = 15_380;
const LEASE_WAIT_MS = 120_000;
const FILES = ['oneup.db', 'oneup.db-wal', 'oneup.db-shm'] as const;
const authority = createAuthority();

/** Start and stop are the agents'; every prober listens beside its name server. */
function withAgents(directory: string): (text: string, network: Network) => string {
  return (text, { dns }) => {
    const names = PROBERS.map((prober) => `IP:${dns[prober].host}`);
    const { cert, key } = authority.certify(names);
    writeFileSync(join(directory, 'cert.pem'), cert, { mode: 0o600 });
    writeFileSync(join(directory, 'key.pem'), key, { mode: 0o600 });
    const tls = `{ cert: "\${file:${directory}/cert.pem}", key: "\${file:${directory}/key.pem}" }`;
    return text
      .replace(
        /(listen: \["([\d.]+):\d+"\]) \}/g,
        (_all, dnsPart, host) => `${dnsPart}, api: { listen: "${host}:${API_PORT}" } }`,
      )
      .replace('  timing:', `  api: { tls: ${tls} }\n  timing:`)
      .replace(/ {6}(?:start|stop): .*\n/g, '')
      .replace('    check:', '    agent: { run: [./instance], lease: 30s, stopTimeout: 5s }\n    check:');
  };
}

async function openCluster() {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-listener-'));
  const stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const clock = stack.use(createSystemClock());
  const cluster = stack.use(await Cluster.create({ fill: withAgents(directory) }));
  const endpoints = PROBERS.map((prober) => ({ host: cluster.network.dns[prober].host, port: API_PORT }));
  const link = (token: string): HttpsLink =>
    stack.use(
      createHttpsLink({
        ...{ clock, probers: endpoints, cluster: 'e2e', generation: null },
        ...{ token: new Secret(token), tls: { ca: authority.ca, serverName: null } },
      }),
    );
  return { cluster, endpoints, link, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Keys of the store as it stands on disk. */
function recordNames(cluster: Cluster): readonly string[] {
  using database = new DatabaseSync(cluster.path('var', 'oneup.db'), { readOnly: true });
  return database
    .prepare('SELECT key FROM entries')
    .all()
    .map(({ key }) => String(key));
}

function within(ms: number) {
  return { signal: AbortSignal.timeout(ms) };
}

/** A poll ends after a while without news, which a reload on a busy machine may outlast; one that fails is no answer. */
async function untilLease(link: HttpsLink, { after, periodMs }: { readonly after: number; readonly periodMs: number }) {
  const untilMs = performance.now() + LEASE_WAIT_MS;
  for (;;) {
    const answer = await link.goals({ after, ...within(LEASE_WAIT_MS) });
    if (answer.goals[0]?.lease.periodMs === periodMs || performance.now() > untilMs) return answer;
  }
}

describe('the listener for agents', () => {
  test('tokens, goals, a reload, a lost store, and no way in afterwards', async (t) => {
    await using world = await openCluster();
    const { cluster, endpoints } = world;
    for (const prober of PROBERS) cluster.start(prober);
    await cluster.ready();
    let created: CreatedToken | null = null;
    const token = () => created?.token ?? '';

    await t.test('health needs no token; everything else does', async () => {
      for (const endpoint of endpoints) {
        const health = await askDoor(endpoint, { ca: authority.ca, method: 'GET', path: '/v1/health' });
        assert.deepEqual(health, { status: 200, body: { status: 'ok' } });
        assert.equal((await askDoor(endpoint, { ca: authority.ca, body: '{}' })).status, 401);
      }
    });

    await t.test('token create shows the secret once, and list never', async () => {
      const made = await cluster.oneup(
        ...['token', 'create', '--agent', 'a', '--expires', '90d', '--note', 'rack 4', '--json'],
      );
      assert.equal(made.code, 0, made.stderr);
      created = JSON.parse(made.stdout) as CreatedToken;
      assert.match(created.token, /^oneup_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
      assert.deepEqual(created.nodes, ['web/a']);
      const text = await cluster.oneup('token', 'create', '--agent', 'nobody');
      assert.match(
        text.stdout,
        /^oneup_\S+\n\nThis is shown once\..*until it is revoked\nNo node .* names agent nobody yet/s,
      );
      const listed = await cluster.oneup('token', 'list', '--json');
      const { tokens } = JSON.parse(listed.stdout) as { tokens: ListedToken[] };
      assert.equal(tokens.length, 2);
      assert.doesNotMatch(listed.stdout, /sha256/);
      assert.ok(!listed.stdout.includes(token().split('_').slice(2).join('_')));
      assert.match((await cluster.oneup('token', 'list')).stdout, /^ID .*\n.* a .*rack 4/s);
      for (const argv of [
        ['token', 'create'],
        ['token', 'revoke'],
        ['token', 'burn'],
        ['token', 'create', '--agent', 'A b'],
      ])
        assert.equal((await cluster.oneup(...argv)).code, 1, argv.join(' '));
    });

    const link = world.link(token());
    let revision = -1;

    await t.test('an agent is told of its node, with the lease of the configuration', async () => {
      const answer = await link.goals({ after: revision, ...within(20_000) });
      const [goal] = answer.goals;
      assert.equal(answer.goals.length, 1);
      assert.deepEqual(goal?.lease, { periodMs: 30_000, stopTimeoutMs: 5_000, marginMs: 100 });
      assert.equal(goal?.grant, null);
      assert.equal(goal?.actions.start?.kind, 'run');
      revision = answer.revision;
    });

    await t.test('its report is a record while it is there', async () => {
      const report: AgentReport = {
        ...{ service: 'web', node: 'a', agentRun: 'r', generation: 0, epoch: 0, step: 0, role: 'stopped' as const },
        ...{ running: false, lastResult: null, exited: null, enforced: 'keeper' as const },
      };
      await link.report(report, within(20_000));
      assert.ok(recordNames(cluster).includes('/oneup/e2e/agent/web/a'));
    });

    await t.test('a long poll outlives a reload', async () => {
      const polling = untilLease(link, { after: revision, periodMs: 40_000 });
      const file = cluster.path('oneup.yaml');
      writeFileSync(file, readFileSync(file, 'utf8').replace('lease: 30s', 'lease: 40s'));
      const [answer, reloaded] = await Promise.all([polling, reloadUntilAnswered(cluster)]);
      assert.equal(reloaded.code, 0, reloaded.stderr + reloaded.stdout);
      assert.equal(answer.goals[0]?.lease.periodMs, 40_000);
      revision = answer.revision;
    });

    await t.test('without a store nothing is answered from memory; with it again everything is', async () => {
      for (const file of FILES) renameSync(cluster.path('var', file), cluster.path(`kept-${file}`));
      const refusal = await waitUntil('a refusal', () =>
        link.goals({ after: -1, ...within(20_000) }).then(
          () => null,
          (error: OneupError) => error,
        ),
      );
      assert.equal(refusal.code, 'ONEUP_AGENT_UNANSWERED');
      assert.match(refusal.message, /ONEUP_STORE_/);
      for (const endpoint of endpoints) {
        // A token that was looked up a moment ago lets a request in as far as the store.
        const reply = await waitUntil('a prober to find its store gone', async () => {
          const found = await askDoor(endpoint, { ca: authority.ca, token: token(), body: '{}' });
          return found.status === 503 ? found : null;
        });
        assert.match(reply.body.error?.code ?? '', /^ONEUP_STORE_/);
        assert.ok(!JSON.stringify(reply.body).includes(cluster.directory), 'strangers learn nothing of the store');
      }
      // The database comes last: who finds it without its log begins another log.
      for (const file of FILES.toReversed()) renameSync(cluster.path(`kept-${file}`), cluster.path('var', file));
      await waitUntil('goals', () => link.goals({ after: -1, ...within(20_000) }).catch(() => null));
    });

    await t.test('a revoked token is refused by every prober within 5 s', async () => {
      const id = created?.id ?? '';
      const revoked = await cluster.oneup('token', 'revoke', id);
      assert.equal(revoked.code, 0, revoked.stderr);
      const untilMs = performance.now() + 5_000;
      for (const endpoint of endpoints) {
        for (;;) {
          const askedMs = performance.now();
          const { status } = await askDoor(endpoint, { ca: authority.ca, token: token(), body: '{}' });
          if (status === 401) break;
          assert.ok(askedMs < untilMs, `${endpoint.host} lets it in for longer`);
        }
      }
      await assert.rejects(
        link.goals({ after: -1, ...within(20_000) }),
        (error: OneupError) => error.code === 'ONEUP_AGENT_DENIED',
      );
      assert.equal((await cluster.oneup('token', 'revoke', id)).code, 1, 'there is none any more');
    });

    await t.test('the secret is in no file of the cluster', () => {
      const secret = token().split('_').slice(2).join('_');
      for (const name of readdirSync(cluster.directory, { recursive: true, encoding: 'utf8' })) {
        const path = cluster.path(name);
        if (statSync(path).isFile()) assert.ok(!readFileSync(path, 'latin1').includes(secret), name);
      }
    });
  });
});
