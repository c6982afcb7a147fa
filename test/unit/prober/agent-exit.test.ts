// What an agent says of its own service: an exit makes every prober look at once, and failures then need not last (S24). It is a
// hint and no vote: what the probers see is what counts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProberWorld, type ProberWorld, REFUSED, setService } from '../../support/prober-world.ts';

const SLOW_TO_BELIEVE = { changes: [['minDown: 200ms', 'minDown: 5s']] } as const;
const EXITED = JSON.stringify({ running: false, exited: 'it ended by itself, SIGKILL' });

async function steady(world: ProberWorld): Promise<void> {
  await setService(world, { active: 'a' });
  await world.clock.advance(3_000);
  assert.deepEqual(await verdicts(world), ['up', 'up', 'up']);
}

async function verdicts(world: ProberWorld): Promise<readonly (string | undefined)[]> {
  const seen = await Promise.all(['p1', 'p2', 'p3'].map((prober) => world.observation('a', prober)));
  return seen.map((observation) => observation?.verdict);
}

async function says(world: ProberWorld, report: string): Promise<void> {
  const { store, keys } = world;
  const write = { kind: 'put', key: keys.agent('web', 'a'), value: report } as const;
  await store.commit({ guards: [], writes: [write], token: crypto.randomUUID() });
}

test('an exit that the agent saw is agreed on within two rechecks', async () => {
  await using world = await openProberWorld(SLOW_TO_BELIEVE);
  await steady(world);
  world.answers.set('a', REFUSED);
  await says(world, EXITED);
  await world.clock.advance(250);
  assert.deepEqual(await verdicts(world), ['down', 'down', 'down']);
});

test('without its word the failures have to last for minDown', async () => {
  await using world = await openProberWorld(SLOW_TO_BELIEVE);
  await steady(world);
  world.answers.set('a', REFUSED);
  await world.clock.advance(4_000);
  assert.deepEqual(await verdicts(world), ['up', 'up', 'up']);
});

test('an agent that is wrong convinces nobody, and its word is forgotten at the next pass', async () => {
  await using world = await openProberWorld(SLOW_TO_BELIEVE);
  await steady(world);
  await says(world, EXITED);
  await world.clock.advance(2_000);
  assert.deepEqual(await verdicts(world), ['up', 'up', 'up']);
  world.answers.set('a', REFUSED);
  await world.clock.advance(3_000);
  assert.deepEqual(await verdicts(world), ['up', 'up', 'up']);
});

test('damaged reports, running services and services that were stopped are no exits', async () => {
  await using world = await openProberWorld(SLOW_TO_BELIEVE);
  await steady(world);
  world.answers.set('a', REFUSED);
  for (const report of ['{', 'null', '{"running":true,"exited":"x"}', '{"running":false,"exited":null}']) {
    await says(world, report);
    await world.clock.advance(500);
  }
  assert.deepEqual(await verdicts(world), ['up', 'up', 'up']);
});
