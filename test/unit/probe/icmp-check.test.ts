// Echo requests by the real ping where it may send them, and by a stand-in script for its other words.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { IcmpTarget } from '../../../src/config/check-target.ts';
import { look } from '../../support/look.ts';

const TARGET: IcmpTarget = { kind: 'icmp', host: '127.0.0.1', waitMs: 5_000 };

/** A folder whose `ping` is this script. */
function scripted(script: string): { readonly path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'oneup-ping-'));
  writeFileSync(join(folder, 'ping'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'ping'), 0o755);
  return { path: `${folder}:/usr/bin:/bin`, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

describe('icmpCheck', () => {
  test('a reply passes', async () => {
    assert.ok(existsSync('/usr/bin/ping') || existsSync('/bin/ping'), 'install the Debian package iputils-ping');
    const result = await look(TARGET);
    assert.equal(result.kind, 'pass', JSON.stringify(result));
    assert.deepEqual(Object.keys(result.phases), ['resolve', 'run']);
  });

  test('ping gets an address and its own limit, and nothing to read as an option', async () => {
    using ping = scripted('echo "words: $*"; exit 2');
    const result = await look(TARGET, 20_000, ping.path);
    assert.ok(result.kind === 'error');
    assert.match(result.reason, /-n -q -c 1 -W 5 -- 127\.0\.0\.1$/);
  });

  test('no reply fails and says that the host is not reached', async () => {
    using ping = scripted('exit 1');
    const result = await look(TARGET, 20_000, ping.path);
    assert.ok(result.kind === 'fail');
    assert.deepEqual([result.phase, result.reach], ['run', 'unreached']);
  });

  test('a ping that is not there, may not, or hangs is an error of ours (S22, S23)', async () => {
    const gone = await look(TARGET, 20_000, '/nowhere');
    assert.equal(gone.kind, 'error', JSON.stringify(gone));
    using denied = scripted('echo "ping: Operation not permitted" >&2; exit 2');
    const refused = await look(TARGET, 20_000, denied.path);
    assert.ok(refused.kind === 'error');
    assert.match(refused.reason, /Operation not permitted/);
    using hanging = scripted('sleep 30');
    const late = await look(TARGET, 300, hanging.path);
    assert.ok(late.kind === 'error');
    assert.match(late.reason, /killed/);
  });
});
