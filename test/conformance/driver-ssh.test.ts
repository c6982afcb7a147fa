// The ssh driver keeps the contract of all drivers, against a real sshd.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { findSshd } from '../e2e/support/ssh-server.ts';
import { openSshWorld } from '../support/ssh-bench.ts';
import { describeDriver } from './driver.ts';

if (findSshd() === null) test('ssh driver', (t) => t.skip('needs sshd'));
else {
  const world = await openSshWorld();
  assert.ok(world !== null);
  after(() => world[Symbol.asyncDispose]());
  describeDriver('ssh', () => world.open());
}
