// The prober role end to end on virtual time: rhythm, suspicion, quick agreement, abstention, verification, sessions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openProberWorld, PASS, type ProberWorld, REFUSED, setService } from '../../support/prober-world.ts';

const STARTED_MS = 1_500;

async function steady(world: ProberWorld): Promise<void> {
  await setService(world, { active: 'a' });
  await world.clock.advance(STARTED_MS);
  assert.equal((await world.observation('a', 'p1'))?.verdict, 'up');
}

test('in steady state each prober looks once in an interval, and they take turns', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(2_000);
  world.looks.length = 0;
  await world.clock.advance(3_000);
  const looks = world.looks.filter((look) => look.node === 'a');
  assert.equal(looks.length, 9);
  const gaps = looks.slice(1).map((look, index) => look.atMonoMs - (looks[index]?.atMonoMs ?? 0));
  assert.ok(
    gaps.every((gap) => gap > 300 && gap < 370),
    `the probers must be staggered by a third of the interval, gaps were ${gaps}`,
  );
});

test('nothing is written while nothing changes (S23)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(3_000);
  const versions = async () => (await world.store.list(world.keys.observations)).entries.map((entry) => entry.version);
  const before = await versions();
  await world.clock.advance(20_000);
  assert.deepEqual(await versions(), before);
});

test('after one failure all probers look at once, and agree as soon as fall and minDown allow (S24)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(3_000);
  world.looks.length = 0;
  world.answers.set('a', REFUSED);
  await world.clock.advance(334);
  const first = world.looks.find((look) => look.node === 'a')?.atMonoMs ?? 0;
  await world.clock.advance(first + 290 - world.clock.monotonicMs());
  for (const prober of ['p1', 'p2', 'p3']) {
    assert.equal((await world.observation('a', prober))?.verdict, 'down', `${prober} must agree within 290 ms`);
  }
  const byProber = world.looks.filter((look) => look.node === 'a' && look.prober === 'p1');
  assert.ok(byProber.length >= 2, 'down is never said after a single look');
});

test('a failure that passes is a suspicion that is taken back', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(3_000);
  world.answers.set('a', REFUSED);
  await world.clock.advance(340);
  const suspicions = async () => (await world.store.list(world.keys.suspicions)).entries.length;
  assert.ok((await suspicions()) > 0);
  world.answers.set('a', PASS);
  await world.clock.advance(300);
  assert.equal(await suspicions(), 0);
  for (const prober of ['p1', 'p2', 'p3']) assert.equal((await world.observation('a', prober))?.verdict, 'up');
});

test('a standby that is silent is no suspicion', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(3_000);
  assert.equal((await world.observation('b', 'p1'))?.verdict, 'down');
  assert.equal((await world.store.list(world.keys.suspicions)).entries.length, 0);
});

test('a prober that sees the active down alone says so, and the others go on seeing it up', async () => {
  await using world = await openProberWorld();
  await steady(world);
  world.seenBy.set('p2/a', REFUSED);
  await world.clock.advance(3_000);
  assert.equal((await world.observation('a', 'p2'))?.verdict, 'down');
  assert.equal((await world.observation('a', 'p1'))?.verdict, 'up');
  world.looks.length = 0;
  await world.clock.advance(20_000);
  const looks = world.looks.filter((look) => look.node === 'a' && look.prober === 'p1').length;
  assert.ok(looks <= 22, `one lasting suspicion must not keep the others rechecking, p1 looked ${looks} times in 20 s`);
});

test('a prober that reaches no reference abstains instead of voting down (S22)', async () => {
  await using world = await openProberWorld({ references: true });
  await steady(world);
  const seeing = await world.store.get(world.keys.prober('p3'));
  assert.equal(JSON.parse(seeing?.value ?? '{}').selfCheck.reason, 'a reference answers');
  world.cutOff.add('p3');
  world.seenBy.set('p3/a', REFUSED);
  await world.clock.advance(6_000);
  const observation = await world.observation('a', 'p3');
  assert.equal(observation?.verdict, 'unknown');
  assert.match(observation?.reason ?? '', /abstains/);
  const record = await world.store.get(world.keys.prober('p3'));
  assert.equal(JSON.parse(record?.value ?? '{}').selfCheck.kind, 'isolated');
  assert.equal((await world.store.list(world.keys.suspicions)).entries.length, 0);
});

test('VERIFY_NEW counts fresh looks only, stamps them and writes them although nothing changed (S25)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await setService(world, { active: 'a' }, { opId: 'op-1', phase: 'VERIFY_NEW', to: 'a', epoch: 7 });
  await world.clock.advance(30);
  assert.notEqual((await world.observation('a', 'p1'))?.verdict, 'up', 'one look is not enough');
  await world.clock.advance(150);
  const observation = await world.observation('a', 'p1');
  assert.equal(observation?.verdict, 'up');
  assert.deepEqual(observation?.stamp, { opId: 'op-1', epoch: 7 });
});

test('VERIFY_NEW looks sooner than recheck until the first pass, for a bounded number of looks, and rise looks are recheck apart', async () => {
  await using world = await openProberWorld();
  world.answers.set('a', REFUSED);
  await world.clock.advance(3_000);
  await setService(world, { active: 'a' }, { opId: 'op-1', phase: 'VERIFY_NEW', to: 'a', epoch: 7 });
  const began = world.clock.monotonicMs();
  const looksSince = (from: number) =>
    world.looks.filter(({ prober, node, atMonoMs }) => prober === 'p1' && node === 'a' && atMonoMs >= from);
  await world.clock.advance(500);
  assert.ok(looksSince(began).length >= 18, `${looksSince(began).length} looks in half a second`);
  // A program that takes long to start is not asked forty times a second for as long as it takes.
  await world.clock.advance(1_000);
  const later = world.clock.monotonicMs();
  await world.clock.advance(1_000);
  assert.ok(looksSince(later).length <= 11, `${looksSince(later).length} looks in a second`);

  await setService(world, { active: 'a' }, { opId: 'op-2', phase: 'VERIFY_NEW', to: 'a', epoch: 8 });
  await world.clock.advance(200);
  world.answers.set('a', PASS);
  const passes = world.clock.monotonicMs();
  await world.clock.advance(130);
  assert.equal((await world.observation('a', 'p1'))?.verdict, 'up', 'within a quarter and a whole recheck');
  const [first, second] = looksSince(passes + 1).map(({ atMonoMs }) => atMonoMs);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(Math.round(second - first), 100);
});

test('what answered as active before VERIFY_NEW does not count in it: the active check must pass anew (S25)', async () => {
  const active = 'activeCheck: { tcp: "{node.id}-active.example.com:80" }\n    actions:';
  await using world = await openProberWorld({ changes: [['actions:', active]] });
  world.answers.set('a-active', PASS);
  await steady(world);
  assert.equal((await world.observation('a', 'p1'))?.answering, true);
  world.answers.set('a-active', { kind: 'error', phases: {}, reason: 'could not look' });
  await setService(world, { active: 'a' }, { opId: 'op-1', phase: 'VERIFY_NEW', to: 'a', epoch: 7 });
  await world.clock.advance(400);
  const observation = await world.observation('a', 'p1');
  assert.deepEqual([observation?.verdict, observation?.answering, observation?.stamp?.epoch], ['up', false, 7]);
  world.answers.set('a-active', PASS);
  await world.clock.advance(400);
  assert.equal((await world.observation('a', 'p1'))?.answering, true);
});

test('CONFIRM_DOWN makes the probers look at once at what ought to be silent', async () => {
  await using world = await openProberWorld();
  await steady(world);
  await world.clock.advance(3_010);
  world.answers.set('a', REFUSED);
  await setService(world, { active: null }, { opId: 'op-1', phase: 'CONFIRM_DOWN', to: 'b', epoch: 7 });
  await world.clock.advance(60);
  for (const prober of ['p1', 'p2', 'p3']) assert.equal((await world.observation('a', prober))?.answering, false);
});

test('what a prober said goes with its session, and a restarted one takes its id again', async () => {
  await using world = await openProberWorld();
  await steady(world);
  world.end('p3');
  await world.clock.advance(200);
  assert.equal(await world.observation('a', 'p3'), null, 'a clean stop takes its votes along');
});

test('a prober whose loop stood still does not renew on the strength of old looks (S23)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  const before = world.probers.get('p1')?.session()?.id;
  world.clock.stall(5_000);
  await world.clock.advance(6_000);
  assert.notEqual(world.probers.get('p1')?.session()?.id, before, 'the session of before the pause must not live on');
  assert.equal((await world.observation('a', 'p1'))?.verdict, 'up', 'it votes again under a new one');
});

test('a failure that waited for the references does not overwrite a pass that came after it', async () => {
  await using world = await openProberWorld({ references: true });
  await steady(world);
  world.cutOff.add('p3');
  world.seenBy.set('p3/a', REFUSED);
  await world.clock.advance(1_100);
  world.seenBy.delete('p3/a');
  await world.clock.advance(250);
  for (let time = 0; time < 3_000; time += 50) {
    await world.clock.advance(50);
    assert.equal((await world.observation('a', 'p3'))?.answering, true, `the older look came back after ${time} ms`);
  }
});

test('a check that this process itself held up is no failure of the node (S22)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  world.slow.set('p2', 900);
  world.seenBy.set('p2/a', REFUSED);
  await world.clock.advance(2_500);
  assert.notEqual((await world.observation('a', 'p2'))?.verdict, 'down');
  assert.equal((await world.store.list(world.keys.suspicions)).entries.length, 0);
});

test('a prober whose checks hang loses its votes and opens no session until they end (S23)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  world.slow.set('p2', 60_000);
  await world.clock.advance(10_000);
  assert.equal(await world.observation('a', 'p2'), null);
  assert.equal(await world.store.get(world.keys.prober('p2')), null, 'it has no session');
  assert.notEqual(await world.observation('a', 'p1'), null);
  world.slow.delete('p2');
  await world.clock.advance(60_000);
  assert.equal((await world.observation('a', 'p2'))?.verdict, 'up', 'it votes again');
});

test('a new session begins with fresh looks: what was seen before a pause is not said again (S6, S23)', async () => {
  await using world = await openProberWorld();
  await steady(world);
  world.slow.set('p1', 300);
  await world.clock.advance(2_000);
  const before = world.probers.get('p1')?.session()?.id;
  world.answers.set('a', REFUSED);
  world.clock.stall(5_000);
  let told = 0;
  for (let time = 0; time < 4_000; time += 10) {
    await world.clock.advance(10);
    if (world.probers.get('p1')?.session()?.id === before) continue;
    const observation = await world.observation('a', 'p1');
    assert.notEqual(observation?.answering, true, `${time} ms after the pause it is said to answer`);
    if (observation?.verdict === 'down') told += 1;
  }
  assert.ok(told > 0, 'it votes again');
});
