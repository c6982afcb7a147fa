// Commands beside a service of the keeper, on a clock that the test moves: who is let in, what ends them, and that a service is
// not gone before they are (S16, S17).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { OpenRoom } from '../../../src/keeper/kept-room.ts';
import { type KeeperWorld, openKeeperWorld } from '../../support/keeper-world.ts';

type StubRoom = { readonly calls: string[]; isGone: boolean; hangs: boolean };

function openWorld(): { readonly world: KeeperWorld; readonly rooms: readonly StubRoom[] } {
  const rooms: StubRoom[] = [];
  const openRoom: OpenRoom = () => {
    const room: StubRoom = { calls: [], isGone: false, hangs: false };
    rooms.push(room);
    return {
      path: Promise.resolve(`/proc/1/fd/${rooms.length}`),
      terminate: () => void room.calls.push('terminate'),
      kill: () => {
        room.calls.push('kill');
        room.isGone ||= !room.hangs;
      },
      isGone: () => room.isGone,
      close: () => void room.calls.push('close'),
    };
  };
  return { world: openKeeperWorld({ openRoom }), rooms };
}

async function openHosting(): Promise<ReturnType<typeof openWorld> & { room: StubRoom; guest: AbortController }> {
  const { world, rooms } = openWorld();
  world.arm(10_000);
  await world.spawn();
  await world.settle();
  const guest = new AbortController();
  const answer = await world.services.host({ service: 'web', epoch: 1 }, guest.signal);
  assert.equal(answer.kind, 'hosted');
  return { world, rooms, room: rooms[0] ?? assert.fail(), guest };
}

async function refusal(world: KeeperWorld, epoch = 1, service = 'web'): Promise<string> {
  const answer = await world.services.host({ service, epoch }, new AbortController().signal);
  return answer.kind === 'refused' ? answer.reason : 'hosted';
}

describe('keeper, host', () => {
  test('lets in only beside a service that runs under this epoch', async () => {
    const { world } = openWorld();
    assert.match(await refusal(world), /web is not kept here/);
    world.arm(10_000);
    assert.match(await refusal(world), /does not run/);
    await world.spawn();
    await world.settle();
    assert.match(await refusal(world, 2), /epoch 2 is not 1/);
    assert.match(await refusal(world, 0), /epoch 0 is not 1/);
    assert.equal(await refusal(world), 'hosted');
  });

  test('not while the service is being stopped, nor past its deadline, nor where nothing binds', async () => {
    const { world } = await openHosting();
    const stopping = world.services.stop({ service: 'web', graceMs: 1_000 });
    assert.match(await refusal(world), /is being stopped/);
    await world.clock.advance(2_000);
    assert.equal((await stopping).kind, 'stopped');
    assert.match(await refusal(world), /over/);
    const unbound = openKeeperWorld();
    unbound.arm(10_000);
    await unbound.spawn();
    await unbound.settle();
    assert.match(await refusal(unbound), /cannot bind a command/);
  });

  test('a bounded number at once, beside one service and in all', async () => {
    const { world } = await openHosting();
    for (let n = 1; n < 64; n += 1) assert.equal(await refusal(world), 'hosted');
    assert.match(await refusal(world), /64 commands/);
    const deadlineBootMs = world.clock.bootMs() + 10_000;
    for (const service of ['s2', 's3', 's4']) {
      world.services.arm({ service, epoch: 1, deadlineBootMs });
      await world.services.spawn({ service, epoch: 1, step: 1, argv: ['x'], cwd: null, env: {} });
      await world.settle();
      for (let n = 0; n < 64 && service !== 's4'; n += 1) assert.equal(await refusal(world, 1, service), 'hosted');
    }
    assert.match(await refusal(world, 1, 's4'), /192 commands/);
  });

  test('who leaves is killed, and its number is given back only then', async () => {
    const { world, room, guest } = await openHosting();
    await world.settle();
    assert.deepEqual(room.calls, []);
    guest.abort();
    await world.settle();
    assert.deepEqual(room.calls, ['kill', 'close']);
    assert.equal(world.view()?.running, true);
    assert.equal(await refusal(world), 'hosted');
  });

  test('who leaves before the room stands is killed, too', async () => {
    const { world, rooms } = await openHosting();
    const guest = new AbortController();
    const asked = world.services.host({ service: 'web', epoch: 1 }, guest.signal);
    guest.abort();
    assert.equal((await asked).kind, 'refused');
    await world.settle();
    assert.deepEqual(rooms[1]?.calls, ['kill', 'close']);
  });

  test('the deadline kills it with the service, and the path stays taken while its guest stands still', async () => {
    const { world, room, guest } = await openHosting();
    await world.clock.advance(10_000);
    await world.settle();
    assert.ok(room.isGone);
    assert.equal(world.view()?.running, false);
    assert.ok(!room.calls.includes('close'));
    guest.abort();
    await world.settle();
    assert.ok(room.calls.includes('close'));
  });

  test('a stop is done, and an exit is told, only when it is gone', async () => {
    const { world, room } = await openHosting();
    room.hangs = true;
    const stopping = world.services.stop({ service: 'web', graceMs: 1_000 });
    assert.deepEqual(room.calls, ['terminate']);
    await world.clock.advance(5_000);
    assert.ok(room.calls.includes('kill'));
    assert.equal(world.view()?.running, true);
    assert.deepEqual(world.exits, []);
    room.hangs = false;
    await world.settle();
    assert.equal((await stopping).kind, 'stopped');
    assert.equal(world.exits.length, 1);
  });

  test('a service that ends by itself takes it along', async () => {
    const { world, room } = await openHosting();
    world.instances[0]?.end({ code: 1, signal: null });
    await world.settle();
    assert.ok(room.isGone);
    assert.deepEqual(
      world.exits.map(({ code }) => code),
      [1],
    );
  });
});
