// config/examples/web-shared-db with a real MariaDB server: the active node hangs, its account is locked, the standby starts, and
// what the old instance does when it wakes up is refused by the database. The way back ends it before its account is opened.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createConnection } from 'mysql2/promise';
import { isRunning } from '../support/keeper-bench.ts';
import { startMariadbServer } from '../support/servers/mariadb-server.ts';
import { Cluster } from './support/cluster.ts';
import { applyChanges, HTTP_PORT, type Network, SERVICE } from './support/cluster-files.ts';
import { expectExit } from './support/expect-exit.ts';
import { waitUntil } from './support/wait-until.ts';

const EXAMPLES = fileURLToPath(new URL('../../config/examples/', import.meta.url));
const APP = fileURLToPath(new URL('./support/shared-db-app-process.ts', import.meta.url));
const SYSTEMCTL = 'ssh: { host: "{address}", user: deploy, sudo: true, command: [systemctl,';
const REMOTE_STOP = ['ssh', '"deploy@{address}"', 'sudo', 'systemctl', 'stop', 'web,'].join(`,\n${' '.repeat(14)}`);
const LOCAL = 'exec: { command: [./app.sh,';

test('the example of a web application with a shared database', async (t) => {
  await using server = await startMariadbServer();
  await openAccounts(server.port);
  await using cluster = await Cluster.create({ fill });
  writeScripts(cluster, server.port);
  await cluster.begin();
  const hung = cluster.instancePid('a') ?? 0;
  const ask = async (sql: string) => {
    const client = await server.client();
    try {
      const [rows] = await client.query({ sql, rowsAsArray: true });
      return (rows as readonly (readonly unknown[])[])[0]?.[0];
    } finally {
      await client.end();
    }
  };
  const log = () => (existsSync(cluster.path('app-a.log')) ? readFileSync(cluster.path('app-a.log'), 'utf8') : '');
  const isLocked = () => ask("select json_value(Priv, '$.account_locked') from mysql.global_priv where User = 'web_a'");

  await t.test('the active hangs: its account is locked and the standby starts', async () => {
    await waitUntil(
      'writes of a',
      async () => Number(await ask("select count(*) from web.writes where node = 'a'")) > 5,
    );
    process.kill(hung, 'SIGSTOP');
    await cluster.settled('b');
    const { journal } = await cluster.operation();
    assert.ok(journal.some(({ text }) => text.includes('fence level 1 confirmed')));
    assert.equal(await isLocked(), '1');
  });

  await t.test('its account stays locked as long as it has not ended', async () => {
    const refused = await expectExit(cluster, 8, 'rejoin', SERVICE, '--node', 'a');
    assert.match(refused, /resync of a timeout/);
    assert.equal(await isLocked(), '1');
  });

  await t.test('it wakes up: the database refuses what it writes, and it does not count as active', async () => {
    process.kill(hung, 'SIGCONT');
    await waitUntil('refused writes', () => log().split('\n').length > 20);
    assert.match(log(), /account is locked/);
    await cluster.settled('b');
    assert.equal(
      await ask(
        "select (select max(id) from web.writes where node = 'a') < (select min(id) from web.writes where node = 'b')",
      ),
      1,
      'nothing of a was written after b had begun',
    );
  });

  await t.test('the way back: it is ended, its account is opened, and it serves again', async () => {
    await expectExit(cluster, 0, 'rejoin', SERVICE, '--node', 'a');
    assert.equal(isRunning(hung), false);
    assert.notEqual(await isLocked(), '1');
    await expectExit(cluster, 0, 'switchover', SERVICE, '--to', 'a');
    await cluster.settled('a');
  });
});

/** The configuration of the cluster up to the services, then those of the example with local commands and short times. */
function fill(text: string, { nodes }: Network): string {
  const example = readFileSync(`${EXAMPLES}web-shared-db/oneup.yaml`, 'utf8');
  const changed = applyChanges(example.slice(example.indexOf('services:')), [
    ['web.ha.example.com. }', 'web.ha.example.com., ttl: { steady: 1s, suspect: 1s, settling: 1s } }'],
    ['203.0.113.21', nodes.a],
    ['198.51.100.22', nodes.b],
    [':8081/health', `:${HTTP_PORT}/health`],
    ['interval: 5s', 'interval: 900ms, timeout: 800ms, fall: 2, recheck: 100ms, minDown: 200ms'],
    [`${SYSTEMCTL} start, web]`, `${LOCAL} start]`],
    [`${SYSTEMCTL} stop, web]`, `${LOCAL} stop]`],
    // A busy machine ends an application within these; one that hangs costs all of it.
    ['timeout: 30s', 'timeout: 5s'],
    [REMOTE_STOP, './app.sh, stop,'],
    ['timeout: 60s\n      fence:', 'timeout: 10s\n      fence:'],
    ['/etc/oneup/release-when-stopped.sh', `${EXAMPLES}web-shared-db/release-when-stopped.sh`],
    ['FENCING: /etc/oneup/fencing', `FENCING: ${EXAMPLES}fencing`],
    ['automatic: true', 'automatic: true, cooldown: 0s, stableFor: 1h, verifyTimeout: 10s'],
  ]);
  const filled = changed
    .replaceAll('/etc/oneup/fencing/', `${EXAMPLES}fencing/`)
    .replaceAll('/etc/oneup/fence.cnf', 'fence.cnf');
  return text.slice(0, text.indexOf('services:')) + filled;
}

/** Only root may pass rights on; it has no password on a server of a test. */
async function openAccounts(port: number): Promise<void> {
  const root = await createConnection({
    host: '127.0.0.1',
    port,
    user: 'root',
    password: '',
    multipleStatements: true,
  });
  try {
    await root.query('create database web; create table web.writes (id bigint auto_increment primary key, node text)');
    await root.query(readFileSync(`${EXAMPLES}web-shared-db/accounts.sql`, 'utf8'));
  } finally {
    await root.end();
  }
}

/** In place of systemctl over ssh: a stop of a host that hangs is not answered. */
function writeScripts(cluster: Cluster, port: number): void {
  const { nodes } = cluster.network;
  const app = `#!/bin/sh
pid=$(cat "pid-$ONEUP_NODE" 2> /dev/null)
is_state() { grep -q "^State:.$1" "/proc/$pid/status" 2> /dev/null; }
case "$1" in
  start)
    case "$ONEUP_NODE" in a) address=${nodes.a} ;; b) address=${nodes.b} ;; esac
    APP_PASSWORD="change-me-$ONEUP_NODE" setsid ${process.execPath} ${APP} "$address" "$ONEUP_NODE" ${port} > /dev/null 2>&1 < /dev/null &
    echo $! > "pid-$ONEUP_NODE" ;;
  stop)
    while is_state T; do sleep 0.1; done
    kill "$pid" 2> /dev/null
    while is_state '[^Z]'; do sleep 0.05; done ;;
esac
`;
  writeFileSync(cluster.path('app.sh'), app);
  chmodSync(cluster.path('app.sh'), 0o755);
  const options = `[client]\nhost=127.0.0.1\nport=${port}\nuser=oneup_fence\npassword=change-me-fence\n`;
  writeFileSync(cluster.path('fence.cnf'), options, { mode: 0o600 });
}
