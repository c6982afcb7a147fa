// The long poll of an agent over a line that is cut without a word: given up soon, while one that is only long goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createIdentity, openDoorWorld, setGrant } from '../../support/agent-door-world.ts';
import { startFaultyLink } from '../../support/faulty-link.ts';

const IDENTITY = createIdentity();
/** Of a long poll in all; a line that is cut is noticed before. */
const POLL_MS = 15_000;

test('after a cut of the line the agent asks anew soon, here and at the next prober', async () => {
  await using world = await openDoorWorld(IDENTITY);
  const [door, other] = [await world.open({ holdMs: 60_000 }), await world.open()];
  await using line = await startFaultyLink(door.endpoint);
  const cut = { endpoint: { host: '127.0.0.1', port: line.port } };
  const { text } = await world.token();
  const signal = AbortSignal.timeout(60_000);
  for (const doors of [[cut], [cut, other]]) {
    const link = world.link({ doors, token: text });
    const { revision } = await link.goals({ after: -1, signal });
    const polling = link.goals({ after: revision, signal });
    line.set('silent');
    // What is said now never arrives.
    await setGrant(world, { node: 'a', epoch: 5, revoked: false });
    const began = performance.now();
    if (doors.length === 1) {
      await assert.rejects(polling, { code: 'ONEUP_AGENT_UNANSWERED' });
      line.set('none');
    }
    const { goals } = await (doors.length === 1 ? link.goals({ after: revision, signal }) : polling);
    assert.equal(goals[0]?.grant?.epoch, 5);
    assert.ok(performance.now() - began < POLL_MS, 'the line was given up before the poll was over');
    line.set('none');
    await setGrant(world, { node: 'a', epoch: 4, revoked: false });
  }
});

test('a poll on which the prober only waits is not given up', async () => {
  await using world = await openDoorWorld(IDENTITY);
  const link = world.link({ doors: [await world.open({ holdMs: 7_000 })], token: (await world.token()).text });
  const signal = AbortSignal.timeout(60_000);
  const { revision } = await link.goals({ after: -1, signal });
  assert.equal((await link.goals({ after: revision, signal })).goals.length, 1);
});
