// check-config --connect on real processes: from every vantage of a cluster that runs, and from a machine where none does, with
// one thing wrong at a time. Whatever is found, nothing is started, stopped or fenced.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Finding } from '../../src/cli/connect/finding.ts';
import { openBlackHole } from '../support/black-hole.ts';
import { openHttpBench } from '../support/http-bench.ts';
import { freePorts } from '../support/servers/free-port.ts';
import { startPostgresServer } from '../support/servers/postgres-server.ts';
import { STARTERS } from '../support/servers/proxies.ts';
import { openSshWorld } from '../support/ssh-bench.ts';
import { Cluster } from './support/cluster.ts';
import { CLOSED_PORT } from './support/cluster-files.ts';
import { connect, mistakenText, openPlace, says, wrong } from './support/connect-place.ts';
import { waitUntil } from './support/wait-until.ts';

describe('check-config --connect', { concurrency: 2 }, () => {
  test('a cluster that runs: every prober looks from where it stands, and nothing is done', async (t) => {
    // Each prober answers under its session, each check within its time: a second in which the machine stands still ends neither.
    const changes = [
      ['sessionTtl: 3s', 'sessionTtl: 6s'],
      ['interval: 900ms, timeout: 800ms', 'interval: 5s, timeout: 4s'],
    ] as const;
    await using cluster = await Cluster.running({ changes });
    const before = readFileSync(cluster.path('actions.log'), 'utf8');
    const { epoch } = await cluster.service();

    await t.test('in order: exit code 0, and the standby that is down is expected', async () => {
      const { code, connected } = await connect(cluster);
      assert.deepEqual(wrong(connected), []);
      assert.equal(code, 0);
      assert.deepEqual(
        connected.vantages.map(({ prober }) => prober),
        ['p1', 'p2', 'p3'],
      );
      for (const { findings } of connected.vantages) {
        assert.match(says(findings, 'web/a check'), /^ok passes: status 200; .*connect/);
        assert.match(says(findings, 'web/b check'), /^expected fails in connect: .*expected: it is a standby/);
        assert.match(says(findings, 'web/a level 1'), /^expected "on" is not listed/);
        assert.match(says(findings, 'rights'), /^ok /);
      }
      assert.deepEqual(
        connected.ifCutOff.map(({ nodes, says: text }) => [nodes.join(), text]),
        [['a,b', 'fence level 1 (exec act.sh)']],
      );
      const { stdout, stderr } = await cluster.oneup('check-config', '--connect');
      assert.match(stdout, /If the host of the active is cut off\n {2}web \(a, b\): fence level 1/);
      assert.match(stderr, /^Asking the probers to look from where they are\n$/);
    });

    await t.test('two that ask at once do not spoil each other', async () => {
      const script = readFileSync(cluster.path('confirm.sh'), 'utf8');
      writeFileSync(cluster.path('confirm.sh'), script.replace('\n', '\nsleep 3\n'));
      const both = await Promise.all([connect(cluster), connect(cluster)]);
      writeFileSync(cluster.path('confirm.sh'), script);
      for (const { code, connected } of both) {
        assert.equal(code, 0, wrong(connected).join('\n'));
        const isAlone = connected.onlyHere === 'somebody else asks the probers right now';
        assert.equal(connected.vantages.length, isAlone ? 1 : 3, connected.onlyHere ?? '');
      }
    });

    await t.test('one prober sees otherwise, another is gone', async () => {
      await cluster.prober('p3').end('SIGTERM');
      await cluster.restart('p2', { CHECK_PORT: String(CLOSED_PORT) });
      const connected = await waitUntil('p3 to be without a session', async () => {
        const { code, connected: found } = await connect(cluster);
        assert.equal(code, 1);
        return found.vantages.find(({ prober }) => prober === 'p3')?.problem?.includes('not running') ? found : null;
      });
      assert.deepEqual(
        wrong(connected).filter((line) => !line.includes(' p3, zone ')),
        ['p2 web/a check: it is the active', 'p3: it is not running, or has no store'],
      );
      assert.equal(wrong(connected).length, 4, 'its name server is silent, seen from both of the others');
    });

    await t.test('a script that cannot be run is found by whoever would run it', async () => {
      chmodSync(cluster.path('confirm.sh'), 0o644);
      const { code, connected } = await connect(cluster);
      chmodSync(cluster.path('confirm.sh'), 0o755);
      assert.equal(code, 1);
      const found = connected.vantages.find(({ prober }) => prober === 'p1')?.findings ?? [];
      assert.match(says(found, 'web/a fence 1 confirm'), /^wrong .*not executable; run chmod \+x/);
      assert.match(says(found, 'web/b level 1'), /^wrong Cannot query fence-confirm/);
    });

    await t.test('a file that the prober was not started with is tried from here, and said to be', async () => {
      const text = readFileSync(cluster.path('oneup.yaml'), 'utf8');
      writeFileSync(cluster.path('other.yaml'), `# Another file.\n${text}`);
      const { connected } = await connect(cluster, '--config', 'other.yaml');
      assert.match(connected.onlyHere ?? '', /was started with a file that says something else/);
      assert.deepEqual(
        connected.vantages.map(({ prober }) => prober),
        ['here'],
      );
    });
    assert.equal(readFileSync(cluster.path('actions.log'), 'utf8'), before, 'no script of an action has run');
    assert.equal((await cluster.service()).epoch, epoch);
  });

  test('before anything runs: each mistake is named, and all within a minute', async (t) => {
    const ssh = await openSshWorld();
    if (ssh === null) return t.skip('no sshd on this machine');
    await using _ssh = ssh;
    await using hole = await openBlackHole();
    await using hook = await openHttpBench();
    await using proxy = await STARTERS.socks5(false);
    const [dns = 0, api = 0] = await freePorts(2);
    await using place = openPlace();
    const other = join(place.directory, 'other_key');
    assert.equal(spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]).status, 0);
    const { port } = ssh.target;
    const knownHosts = place.write(
      'known_hosts',
      `[127.0.0.1]:${port} ${readFileSync(`${other}.pub`, 'utf8')}[127.0.0.2]:${port} ${readFileSync(`${other}.pub`, 'utf8')}`,
    );
    place.script('confirm-off', 'echo Off');
    place.script('confirm-on', 'echo powered');
    const where = {
      dns,
      api,
      hole: hole.port,
      hook: hook.hook.url(),
      proxy: proxy.port,
      ssh: ssh.target,
      knownHosts,
      place: place.directory,
    };
    place.write('oneup.yaml', mistakenText(where));
    const unmade = await place.connect();
    assert.equal(unmade.code, 1);
    assert.match(says(unmade.findings, 'sqlite'), /^wrong .*oneup init|^wrong Cannot/);
    assert.match(says(unmade.findings, 'a (kept/a)'), /^untried/);
    assert.equal((await place.oneup('init')).code, 0);

    const { code, findings, connected } = await place.connect();
    assert.equal(code, 1);
    assert.match(connected.onlyHere ?? '', /no prober runs on this machine/);
    assert.match(says(findings, 'web/a check'), /^wrong fails in connect: .*no node of the service passes/);
    assert.match(says(findings, 'web/b check'), /^wrong fails in connect: .*refused/);
    assert.match(says(findings, 'web/a start'), /^wrong \.\/no-such-script: there is no file .*install it/);
    assert.match(says(findings, 'ssh 127.0.0.1:'), /^wrong .*the key of the host is not the one in known_hosts/);
    assert.match(
      says(findings, 'web/a level 1'),
      /^wrong "Off" is not listed in offStates \("off"\), though it is nearly/,
    );
    assert.match(says(findings, 'web/a level 2'), /^expected "powered" is not listed in offStates/);
    assertHooks(findings, proxy.port);
    assert.match(says(findings, 'a (kept/a)'), /^wrong not connected to any prober/);
    assert.match(says(findings, 'p1, zone'), /^wrong .*no authoritative answer/);
    assert.match(says(findings, 'pager'), /^wrong \.\/no-pager: there is no file/);
    assert.match(says(findings, 'references'), /^expected none is configured/);
    assert.deepEqual(
      connected.ifCutOff.map(({ service, says: text }) => `${service}: ${text}`),
      [
        'web: fence level 1 (exec confirm-on) then level 2 (exec confirm-on)',
        'hooked: BLOCKED: nobody can prove that the node is down; a person decides with confirm-down',
        'kept: lease wait of 32.6s (if its agent is connected and enforces it)',
      ],
    );
    const rightHosts = readFileSync(join(ssh.folder, 'known_hosts'), 'utf8');
    place.write('known_hosts', rightHosts);
    const again = await place.connect();
    assert.match(says(again.findings, 'ssh 127.0.0.1:'), /^ok lets us in; 1 commands are there/);
    assert.match(says(again.findings, 'web/a status says'), /^ok "active"/);
  });

  test('the wrong password of the store is named and not shown, and the rest is tried all the same', async () => {
    await using server = await startPostgresServer();
    const [dns = 0] = await freePorts(1);
    await using place = openPlace();
    place.script('act', 'echo on');
    place.write(
      'oneup.yaml',
      `cluster:
  name: tried
  store: { kind: postgres, endpoints: ["127.0.0.1:${server.port}"], username: oneup, password: wrong-Secret-9, database: postgres }
  probers: [{ id: p1, vantage: here, address: 127.0.0.1, listen: ["127.0.0.1:${dns}"] }]
  references: ["tcp://127.0.0.1:${server.port}"]
dns:
  zones: [{ name: ha.example.com., ns: [p1], hostmaster: ops.example.com. }]
services:
  web:
    record: { name: web.ha.example.com. }
    nodes: [{ id: a, address: 127.0.0.1 }, { id: b, address: 127.0.0.2 }]
    check: { tcp: "{address}:${server.port}" }
    actions:
      start: { exec: { command: [./act] } }
      fence: [{ exec: { command: [./act] }, confirm: { exec: { command: [./act] }, offStates: ["off"] } }]
`,
    );
    const { code, findings, stdout } = await place.connect();
    assert.equal(code, 1);
    assert.match(says(findings, 'postgres'), /^wrong .*password/i);
    assert.match(says(findings, 'web/a check'), /^ok passes/);
    assert.match(says(findings, 'tcp://'), /^ok /);
    assert.doesNotMatch(stdout, /wrong-Secret-9/);
  });
});

/** Straight, with another secret, and through a proxy that works and one that is gone. */
function assertHooks(findings: readonly Finding[], proxyPort: number): void {
  assert.match(says(findings, 'hook ', 'start'), /^ok it greets/);
  assert.match(says(findings, 'hook ', 'stop'), /^wrong .*401, is the secret the same/);
  assert.match(says(findings, 'hook ', ' drain'), /^ok it greets/);
  assert.match(says(findings, 'hook ', 'undrain'), /^wrong ECONNREFUSED \(through the http proxy 127\.0\.0\.1:1\)/);
  const proxies = findings.filter(({ area }) => area === 'proxy');
  assert.match(says(proxies, `socks5 127.0.0.1:${proxyPort}`), /^ok takes connections/);
  assert.match(says(proxies, 'http 127.0.0.1:1'), /^wrong .*refused/);
}
