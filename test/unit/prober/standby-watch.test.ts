// Warm standbys as the probers see them: a vote of its own on everybody but the active, on virtual time (S25).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProberWorld, PASS, type ProberWorld, REFUSED, setService } from '../../support/prober-world.ts';

/** The standby check asks another name, so that a test can tell what it sees. */
const WARM = [
  [
    'record:',
    'standby: { check: { tcp: "{node.id}-standby.example.com:80" } }\n    activeCheck: { tcp: "{node.id}-active.example.com:80" }\n    record:',
  ],
] as const;

async function open(references = false): Promise<ProberWorld> {
  const world = await openProberWorld({ changes: WARM, references });
  for (const [name, answer] of [
    ['a-active', PASS],
    ['b-active', REFUSED],
    ['a-standby', REFUSED],
    ['b-standby', PASS],
  ] as const)
    world.answers.set(name, answer);
  world.answers.set('b', PASS);
  await setService(world, { active: 'a' });
  await world.clock.advance(1_500);
  return world;
}

async function verdicts(world: ProberWorld): Promise<Readonly<Record<string, string>>> {
  const { entries } = await world.store.list(world.keys.standbys);
  return Object.fromEntries(
    entries.map(({ key, value }) => [key.slice(world.keys.standbys.length), JSON.parse(value).verdict as string]),
  );
}

test('every prober runs the standby check on everybody but the active, and it is no answer as active', async () => {
  await using world = await open();
  assert.deepEqual(await verdicts(world), { 'web/b/p1': 'up', 'web/b/p2': 'up', 'web/b/p3': 'up' });
  // Nor does another word about the same active begin one on it.
  await setService(world, { active: 'a' });
  await world.clock.advance(1_500);
  assert.deepEqual(Object.keys(await verdicts(world)), ['web/b/p1', 'web/b/p2', 'web/b/p3']);
  assert.equal(world.looks.filter(({ node, atMonoMs }) => node === 'a-standby' && atMonoMs > 1_500).length, 0);
  assert.equal((await world.observation('b', 'p1'))?.answering, false);
  assert.equal((await world.observation('b', 'p1'))?.verdict, 'up');
});

test('a standby that fails its check is down in the eyes of all, and its observation as a node stays what it was', async () => {
  await using world = await open();
  world.answers.set('b-standby', REFUSED);
  await world.clock.advance(2_500);
  assert.deepEqual(await verdicts(world), { 'web/b/p1': 'down', 'web/b/p2': 'down', 'web/b/p3': 'down' });
  assert.equal((await world.observation('b', 'p1'))?.verdict, 'up');
  assert.equal((await world.store.list(world.keys.suspicions)).entries.length, 0);
});

test('when the active moves, the votes on the new one go and those on the old one begin', async () => {
  await using world = await open();
  world.answers.set('a-standby', PASS);
  await setService(world, { active: 'b' });
  await world.clock.advance(1_500);
  assert.deepEqual(await verdicts(world), { 'web/a/p1': 'up', 'web/a/p2': 'up', 'web/a/p3': 'up' });
});

test('nothing is written while nothing changes (S23)', async () => {
  await using world = await open();
  const versions = async () => (await world.store.list(world.keys.standbys)).entries.map(({ version }) => version);
  const before = await versions();
  await world.clock.advance(20_000);
  assert.deepEqual(await versions(), before);
});

test('a prober that reaches no reference says nothing of a standby either (S22)', async () => {
  await using world = await open(true);
  world.cutOff.add('p3');
  world.seenBy.set('p3/b-standby', REFUSED);
  await world.clock.advance(6_000);
  assert.deepEqual(await verdicts(world), { 'web/b/p1': 'up', 'web/b/p2': 'up', 'web/b/p3': 'unknown' });
});
