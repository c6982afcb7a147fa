// The parts of which "nothing lands late" is made, each alone: in the driver they cover for one another.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { OUTPUT_TAIL_BYTES, OutputTail } from '../../../../src/base/output-tail.ts';
import { Secret } from '../../../../src/base/secret.ts';
import { createSystemClock } from '../../../../src/clock/system-clock.ts';
import { spawnGatedChild } from '../../../../src/nodes/exec/gated-child.ts';
import { Guard } from '../../../../src/nodes/exec/guard.ts';
import { identifyProcess, isSameProcessAlive } from '../../../../src/nodes/exec/process-identity.ts';
import { redactTail } from '../../../../src/nodes/redact-tail.ts';

const clock = createSystemClock();
const folder = mkdtempSync(join(tmpdir(), 'oneup-gate-'));
after(() => rmSync(folder, { recursive: true }));

async function gated(name: string) {
  const argv = ['/bin/sh', '-c', 'touch "$1"', 'sh', join(folder, name)];
  const child = await spawnGatedChild({ argv, env: { PATH: '/usr/bin:/bin' }, cwd: null }, clock);
  assert.ok(typeof child !== 'string');
  return child;
}

const WAIT = { timeoutMs: 60_000, signal: new AbortController().signal };

describe('spawnGatedChild', () => {
  test('opens on go before the deadline', async () => {
    const child = await gated('in-time');
    child.open(clock.bootMs() + 60_000);
    assert.equal((await child.ended(WAIT)).exitCode, 0);
    assert.equal(existsSync(join(folder, 'in-time')), true);
  });

  test('stays shut when the deadline has passed by its own clock, however late go comes (S8)', async () => {
    const child = await gated('too-late');
    child.open(clock.bootMs() - 20);
    assert.equal((await child.ended(WAIT)).exitCode, 125);
    assert.equal(existsSync(join(folder, 'too-late')), false);
  });

  test('runs nothing before go', async () => {
    const child = await gated('not-yet');
    const end = await child.ended({ timeoutMs: 200, signal: WAIT.signal });
    assert.equal(end.why, 'timeout');
    assert.equal(existsSync(join(folder, 'not-yet')), false);
  });
});

describe('Guard.recordGate', () => {
  const owner = identifyProcess(process.pid);
  assert.ok(owner !== null);
  const key = { cluster: 'prod', service: 'web', node: 'a' };
  const step = (number: number, claim: string) => {
    const position = { generation: 1, epoch: 1, step: number, part: 0 };
    return { key, position, action: 'start', claim, owner };
  };

  test('refuses when time is up, when the claim was superseded, and when it was retaken', () => {
    using guard = new Guard(join(folder, 'guard.db'));
    assert.equal(guard.claim(step(1, 'first')).kind, 'claimed');
    assert.equal(guard.recordGate(step(1, 'first'), { leader: owner, untilBootMs: 0, isInTime: () => false }), false);
    assert.equal(guard.claim(step(1, 'second')).kind, 'inFlight');
    assert.equal(guard.retake(step(1, 'second'), 'first'), true);
    assert.equal(guard.recordGate(step(1, 'first'), { leader: owner, untilBootMs: 0, isInTime: () => true }), false);
    assert.equal(guard.recordGate(step(1, 'second'), { leader: owner, untilBootMs: 0, isInTime: () => true }), true);
    assert.equal(guard.retake(step(1, 'third'), 'second'), false, 'a recorded gate may have opened');
    assert.equal(guard.claim(step(2, 'fourth')).kind, 'claimed');
    assert.deepEqual(
      guard.liveGroups(key).map(({ claim }) => claim),
      ['second'],
    );
  });
});

describe('isSameProcessAlive', () => {
  test('a number that was given to another process, or another boot, is another process', () => {
    const self = identifyProcess(process.pid);
    assert.ok(self !== null);
    assert.equal(isSameProcessAlive(self), true);
    assert.equal(isSameProcessAlive({ ...self, startTicks: self.startTicks - 1 }), false);
    assert.equal(isSameProcessAlive({ ...self, bootId: 'another' }), false);
  });
});

describe('OutputTail and redactTail', () => {
  test('keep exactly the last bytes, however they were cut into chunks', () => {
    const text = Array.from({ length: 3_000 }, (_, place) => `${place},`).join('');
    for (const size of [1, 7, 4_095, 4_096, 4_097, 100_000]) {
      const tail = new OutputTail();
      for (let at = 0; at < text.length; at += size) tail.write(Buffer.from(text.slice(at, at + size)));
      assert.equal(tail.text(), text.slice(-OUTPUT_TAIL_BYTES), `chunks of ${size}`);
      assert.equal(tail.isCut, true);
    }
  });

  test('a secret whose front was cut off does not show its rest', () => {
    const secrets = [new Secret('correct-horse-battery')];
    assert.equal(redactTail('horse-battery and more', { isCut: true, secrets }), ' and more');
    assert.equal(redactTail('a correct-horse-battery', { isCut: true, secrets }), 'a ***');
    assert.equal(redactTail('horse-battery and more', { isCut: false, secrets }), 'horse-battery and more');
  });
});
