// What one step costs does not grow with what happened before: the state that it reads is as large after many operations as
// after a few.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tell, worldOf } from '../../scenarios/story-commands.ts';

/** A failover there, a rejoin, a restart that fails, a switchover back, an alert that is acknowledged. */
const ROUND = [
  'die a',
  'settle',
  'rejoin a',
  'settle',
  'switchover a',
  'settle',
  'knob b notReady',
  'drill-check',
  'settle',
  'heal b',
  'clear-failures',
  'ack',
  'wait 90',
];

function sizeAfter(rounds: number): number {
  const world = worldOf('world a b cooldown=1 budget=5 budgetPer=60');
  tell(world, 'switchover a');
  tell(world, 'settle');
  for (let round = 0; round < rounds; round += 1) for (const line of ROUND) tell(world, line);
  assert.deepEqual(world.violations, []);
  // Where the service stands differs from round to round; its history must not be in there.
  return JSON.stringify(world.state).length;
}

test('the state is not larger after sixty rounds of operations than after six', () => {
  const [few, many] = [sizeAfter(6), sizeAfter(60)];
  assert.ok(many < few * 1.1, `${few} characters after 6 rounds, ${many} after 60`);
});
