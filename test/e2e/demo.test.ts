// The demo as a stranger runs it: it ends with 0 and shows its timeline; interrupted, it leaves no process and no file behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { startDemo } from './support/start-demo.ts';

/** Several times what it takes on a machine with nothing else to do. */
const DEMO_MAX_MS = 180_000;
const PHASES = ['PRECHECK', 'STOP_OLD', 'CONFIRM_DOWN', 'GRANT', 'START_NEW', 'VERIFY_NEW', 'CUTOVER', 'PROPAGATE'];

describe('npm run demo', { timeout: DEMO_MAX_MS }, () => {
  test('ends with 0 after every answer was right, and shows each phase with its duration', async () => {
    const demo = startDemo([]);
    assert.equal(await demo.ended, 0, demo.text());
    const text = demo.text();
    for (const line of [
      /Refused by S36\.rejoin-needed/,
      /oneup status: .* waits for /,
      /from the kill to the new answer of every name server: [\d.]+ m?s/,
      /automatic failover after kill -9: a -> b, done/,
      /failback web: b -> a, done/,
      /because +2 of 3 probers agree that a is down|because +3 of 3 probers agree that a is down/,
      /Every answer was as it must be/,
    ])
      assert.match(text, line);
    for (const phase of PHASES) {
      const rows = text.match(new RegExp(`^ +${phase} +[\\d.]+ m?s +\\+[\\d.]+ m?s +(?:none|127\\.)`, 'gm')) ?? [];
      assert.equal(rows.length, 3, `${phase} stands in the timeline of all three operations:\n${text}`);
    }
    assert.equal((text.match(/^ +right /gm) ?? []).length, 6);
    assert.ok(!text.includes('\u001b'), 'plain text where there is no terminal');
  });

  test('a store or a provider that it does not know is refused, with those that it knows', async () => {
    const demo = startDemo(['--store', 'consul']);
    assert.equal(await demo.ended, 1);
    assert.match(demo.text(), /--store must be one of sqlite, etcd/);
    const elsewhere = startDemo(['--provider=paper']);
    assert.equal(await elsewhere.ended, 1);
    assert.match(elsewhere.text(), /--provider must be one of builtin, rfc2136, route53, cloudflare/);
  });

  test('an option that it does not know is refused, with those that it knows', async () => {
    const demo = startDemo(['--provder', 'rfc2136']);
    assert.equal(await demo.ended, 1);
    assert.match(demo.text(), /Cannot run the demo with --provder; it knows --stay, --store KIND and --provider KIND/);
  });

  test('--stay says what to try, and ends everything when interrupted', async () => {
    const demo = startDemo(['--stay']);
    const text = await demo.shows(/Ctrl-C ends everything/);
    const [, folder = ''] = /cat (\S+)\/node\/a\.pid/.exec(text) ?? [];
    assert.ok(existsSync(join(folder, 'oneup.yaml')), 'it is still there');
    assert.equal((await processesIn(folder)).length > 3, true, 'three probers and a service run');
    demo.child.kill('SIGINT');
    assert.equal(await demo.ended, 0, demo.text());
    assert.deepEqual(await processesIn(folder), []);
    assert.ok(!existsSync(folder), 'its folder is gone');
  });

  test('ends everything when nobody reads on', async () => {
    const demo = startDemo(['--stay']);
    const text = await demo.shows(/name servers +p1 at 127\.0\.0\.1:\d+/);
    const [, port = ''] = /p1 at 127\.0\.0\.1:(\d+)/.exec(text) ?? [];
    demo.child.stdout?.destroy();
    assert.equal(await demo.ended, 130);
    const socket = createSocket('udp4').bind(Number(port), '127.0.0.1');
    await once(socket, 'listening');
    socket.close();
  });
});

/** Pids of processes that stand in the folder or name it in their arguments. */
async function processesIn(folder: string): Promise<readonly string[]> {
  const child = spawn('sh', [
    '-c',
    'grep -al -- "$1" /proc/[0-9]*/cmdline 2>/dev/null || true; ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -F -- "$1" || true',
    'sh',
    folder,
  ]);
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  await once(child, 'close');
  return out.split('\n').filter((line) => line !== '' && !line.includes(`/proc/${child.pid}/`));
}
