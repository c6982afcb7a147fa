// What a prober finds when it starts: no store, a damaged or locked one, a port that is taken, its own id in use, a file that
// differs from the configuration in force. Each is named with a remedy, and a cluster that runs is not disturbed.
import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../../src/config/config.ts';
import { Cluster } from './support/cluster.ts';
import { applyChanges, type Change, PROBERS } from './support/cluster-files.ts';
import { startProberProcess } from './support/prober-run.ts';
import { waitUntil } from './support/wait-until.ts';

const PATIENT: readonly Change[] = [['staleAfter: 2500ms', 'staleAfter: 5m']];

describe('bad starts', { concurrency: 2 }, () => {
  test('the store file at the start of a prober', async (t) => {
    await using cluster = await Cluster.create({ changes: PATIENT });
    const file = cluster.path('var', 'oneup.db');
    /** The prober of a first start, which has seen no store before, and goes on trying. */
    const complaint = async (expected: RegExp) => {
      cluster.start('p1');
      const status = await waitUntil('the prober to say what is wrong', async () => {
        const answer = await cluster.status('p1');
        return answer.problem !== undefined && !/has not been opened yet/.test(answer.problem.message) ? answer : null;
      });
      assert.match(`${status.problem?.code}: ${status.problem?.message}`, expected);
      assert.ok((status.problem?.remedy ?? '').length > 10, 'there is a remedy');
      assert.ok(cluster.prober('p1').isRunning(), 'it does not exit (S38)');
      await cluster.prober('p1').end('SIGTERM');
    };

    await t.test('none: exit code 3', async () => {
      renameSync(file, cluster.path('kept'));
      const prober = cluster.start('p1');
      assert.equal(await prober.ended, 3);
      assert.match(prober.log(), /ONEUP_STORE_NOT_INITIALISED: .*\nRemedy: Run oneup init/);
    });

    await t.test('unreadable: a directory in its place', async () => {
      mkdirSync(file);
      await complaint(/^ONEUP_STORE_\w+: Cannot open store: .*oneup\.db/);
      rmSync(file, { recursive: true });
    });

    await t.test('no database at all', async () => {
      writeFileSync(file, 'this is not a database, and has never been one\n'.repeat(100));
      await complaint(/^ONEUP_STORE_CORRUPT: Cannot \w+ store: .*oneup\.db/);
      rmSync(file);
    });

    await t.test('half-written', async () => {
      renameSync(cluster.path('kept'), file);
      const whole = new DatabaseSync(file);
      whole.exec(
        "PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO 'kept-whole'".replace('kept-whole', cluster.path('kept')),
      );
      whole.close();
      truncateSync(file, 6_000);
      await complaint(/^ONEUP_STORE_CORRUPT: Cannot \w+ store: .*oneup\.db/);
    });
  });

  test('a port that is taken: exit code 1, and the address is named', async () => {
    await using cluster = await Cluster.create();
    const { host, port } = cluster.network.dns.p2;
    const taken = await bind({ host, port });
    try {
      const prober = cluster.start('p2');
      assert.equal(await prober.ended, 1);
      assert.match(prober.log(), new RegExp(`ONEUP_PORT_IN_USE: Cannot .*${host}:${port}`));
      assert.match(prober.log(), /Remedy: .*ss -lntup/);
    } finally {
      taken.close();
    }
  });

  test('starts beside a running cluster', async (t) => {
    await using cluster = await Cluster.running({ changes: PATIENT });

    await t.test('a second process of one prober id ends, and the first goes on', async () => {
      const { pid } = cluster.prober('p3');
      const log = 'log-second-p3';
      const env = { CHECK_PORT: '1', REFERENCE_PORT: '1' };
      const second = startProberProcess('p3', { directory: cluster.directory, env, hasFaultPoints: false, log });
      assert.equal(await second.ended, 1);
      assert.match(second.log(), /ONEUP_PORT_IN_USE: Cannot .*\nRemedy: /);
      await cluster.ready();
      const status = await cluster.status('p3');
      assert.equal((status.self as { pid?: number }).pid, pid);
    });

    await t.test('a second process of one id on another address finds the id taken', async () => {
      const { port } = cluster.network.dns.p3;
      const elsewhere = applyChanges(readFileSync(cluster.path('oneup.yaml'), 'utf8'), [
        [`listen: ["${cluster.network.dns.p3.host}:${port}"]`, `listen: ["${cluster.network.reference}:${port}"]`],
        ['  references:', '  stateDir: elsewhere\n  references:'],
      ]);
      writeFileSync(cluster.path('elsewhere.yaml'), elsewhere);
      const second = startProberProcess('p3', {
        directory: cluster.directory,
        env: { CHECK_PORT: '1', REFERENCE_PORT: '1' },
        hasFaultPoints: false,
        log: 'log-elsewhere',
        args: ['--config', 'elsewhere.yaml'],
      });
      assert.equal(await second.ended, 1);
      assert.match(second.log(), /ONEUP_PROBER_DUPLICATE: Cannot join as prober p3: another live .*\nRemedy: Stop/);
      await cluster.settled('a');
    });

    await t.test(
      'a file that differs from the configuration in force is a warning; the one in force counts',
      async () => {
        appendFileSync(cluster.path('oneup.yaml'), '# a remark\n');
        await cluster.restart('p2');
        await waitUntil('p2 to say so', async () => (await cluster.status('p2')).self.config.standing === 'differs');
        assert.match(cluster.prober('p2').log(), /the configuration file differs from the one in force/);
        const digests = (await cluster.status('p2')).cluster?.probers.map((prober) => prober.digest) ?? [];
        assert.equal(new Set(digests).size, 1, 'all run the one in force');
        const { stdout } = await cluster.oneup('status', '--socket', cluster.path('var', 'p2', 'api.sock'));
        assert.match(stdout, /differs from the one in force; see oneup reload/);
      },
    );

    await t.test('locked at the start: it says so, and joins when the lock is gone', async () => {
      await cluster.prober('p1').end('SIGTERM');
      const lock = new DatabaseSync(cluster.path('var', 'oneup.db'));
      lock.exec('PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE');
      cluster.start('p1');
      await waitUntil('p1 to say so', () => /ONEUP_STORE_BUSY|locked/.test(cluster.prober('p1').log()));
      lock.exec('ROLLBACK');
      lock.close();
      await cluster.ready();
      await cluster.settled('a');
    });

    await t.test('malformed packets are survived by every server', async () => {
      for (const prober of PROBERS) await sendGarbage(cluster.network.dns[prober]);
      assert.deepEqual(await cluster.answers(), Array(PROBERS.length).fill(cluster.network.nodes.a));
      for (const prober of PROBERS) {
        const { dns } = (await cluster.status(prober)).self as unknown as { dns: { counts: { faults: number } } };
        assert.equal(dns.counts.faults, 0);
      }
      await cluster.settled('a');
    });
  });
});

async function bind({ host, port }: Endpoint): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(port, host, resolve));
  return socket;
}

/** Every length up to two hundred octets of every pattern, whole and cut, over UDP; lengths that lie, over TCP. */
async function sendGarbage({ host, port }: Endpoint): Promise<void> {
  const socket = createSocket('udp4');
  const patterns = [0x00, 0xff, 0xc0, 0x3f, 0x01];
  for (let length = 0; length < 200; length += 1) {
    for (const pattern of patterns) {
      const octets = Buffer.alloc(length, pattern);
      // A header that asks one question, so that some of it is read further.
      if (length >= 12) octets.set([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, pattern === 1 ? 9 : 0]);
      socket.send(octets, port, host);
    }
    await sleep(1);
  }
  socket.close();
  for (const octets of [[0xff, 0xff, 1], [0, 0, 0, 0], [0, 12, ...Array<number>(12).fill(0xc0)], [0]]) {
    const stream = connect({ host, port });
    stream.on('error', () => undefined);
    stream.end(Buffer.from(octets));
    await new Promise((resolve) => stream.once('close', resolve));
  }
}
