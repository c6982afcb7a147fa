// A prober looks at the services on which it votes, and at no other; with none at all it is a prober all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProberWorld, REFUSED, setService, THREE_OF_FOUR } from '../../support/prober-world.ts';

/** A world with three voters of four, and who they are. */
async function openSpread(options: { readonly references?: boolean } = {}) {
  const world = await openProberWorld({ ...options, changes: THREE_OF_FOUR });
  await setService(world, { active: 'a' });
  await world.clock.advance(5_000);
  const all = world.config.cluster.probers.map(({ id }) => id);
  const voters = world.config.services[0]?.probers.map(({ id }) => id) ?? [];
  const [idle = ''] = all.filter((id) => !voters.includes(id));
  assert.equal(voters.length, 3);
  return { world, voters, idle };
}

test('only the voters of a service look at it and tell of it, in turns of a third of the interval (S24)', async () => {
  const { world, voters } = await openSpread();
  await using _ = world;
  assert.deepEqual([...new Set(world.looks.map(({ prober }) => prober))].sort(), [...voters].sort());
  const told = await world.store.list(world.keys.observations);
  assert.deepEqual(
    told.entries.map(({ key }) => key.split('/').at(-1)).sort(),
    [...voters, ...voters].sort(),
    'both nodes, by each voter',
  );
  const looks = world.looks.filter(({ node, atMonoMs }) => node === 'a' && atMonoMs > 3_000);
  const gaps = looks.slice(1).map(({ atMonoMs }, at) => atMonoMs - (looks[at]?.atMonoMs ?? 0));
  assert.ok(
    gaps.every((gap) => gap > 300 && gap < 370),
    `staggered among the voters, gaps were ${gaps}`,
  );
});

test('a suspicion makes the voters agree, and leaves the others at rest', async () => {
  const { world, voters, idle } = await openSpread();
  await using _ = world;
  world.answers.set('a', REFUSED);
  await world.clock.advance(1_000);
  for (const id of voters) assert.equal((await world.observation('a', id))?.verdict, 'down', id);
  assert.ok(world.looks.every(({ prober }) => prober !== idle));
});

test('a prober without any service stays fit and keeps its session, however long it has nothing to see (S23)', async () => {
  const { world, idle } = await openSpread({ references: true });
  await using _ = world;
  await world.clock.advance(60_000);
  const prober = world.probers.get(idle);
  assert.equal(prober?.isFit(), true);
  assert.ok(prober.session() !== null);
  const record = await world.store.get(world.keys.prober(idle));
  assert.equal(JSON.parse(record?.value ?? '{}').selfCheck?.kind, 'sees', 'it asks its references');
});

test('a prober that cannot load what is in force looks at nothing and tells of nothing, and keeps its record (S7)', async () => {
  await using world = await openProberWorld({ unloadable: ['p3'] });
  await setService(world, { active: 'a' });
  await world.clock.advance(5_000);
  world.answers.set('a', REFUSED);
  await world.clock.advance(5_000);
  assert.deepEqual([...new Set(world.looks.map(({ prober }) => prober))].sort(), ['p1', 'p2']);
  const told = await world.store.list(world.keys.observations);
  assert.ok(told.entries.length > 0 && told.entries.every(({ key }) => !key.endsWith('/p3')));
  const record = await world.store.get(world.keys.prober('p3'));
  assert.equal(JSON.parse(record?.value ?? '{}').configStanding, 'unloadable');
  assert.ok(world.probers.get('p3')?.session() !== null);
});
