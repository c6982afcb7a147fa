// What a prober says to a claim, on real sockets: with a store it renews, without one it gives the word of its book, and nobody
// gets a word for what is not theirs (S37).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { Renewal } from '../../../src/ports/agent-link.ts';
import {
  createIdentity,
  type Door,
  type DoorWorld,
  GENERATION,
  LEASE,
  openDoorWorld,
  setGrant,
} from '../../support/agent-door-world.ts';
import { askDoor } from '../../support/ask-door.ts';
import { mustGet, put } from '../../support/store-calls.ts';

const IDENTITY = createIdentity();
const LONG = { signal: AbortSignal.timeout(60_000) };
const HELD = { node: 'a', epoch: 4, revoked: false };
const RENEWAL: Renewal = {
  ...{ ...LEASE, service: 'web', node: 'a', epoch: 4 },
  ...{ agentRun: 'r1', bootId: 'boot1', sentBootMs: 1_000, armed: true, enforced: 'keeper' },
  ...{ asked: ['p1/x'], seen: 0 },
};

/** A prober whose store is away, and which saw the grant before. */
async function openCutOff(world: DoorWorld, options: Parameters<DoorWorld['open']>[0] = {}): Promise<Door> {
  const door = await world.open(options);
  door.book.enter(GENERATION.number);
  door.book.note('web', HELD);
  door.source = () => {
    throw new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot use the store: it is away');
  };
  return door;
}

function claimBody(renewal: Partial<Renewal> = {}): string {
  return JSON.stringify({ cluster: 'test', generation: null, renewal: { ...RENEWAL, ...renewal } });
}

describe('a claim', { concurrency: true }, () => {
  test('is a renewal where the store is, and a word where it is not', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { text: token } = await world.token();
    const [good, cut] = [await world.open(), await openCutOff(world)];
    await put(world.store, world.keys.claim('web', 'p1'), JSON.stringify({ peer: 'p1/x', refusesUpTo: 3, ended: [] }));
    const link = world.link({ doors: [cut], token });
    assert.deepEqual(await link.claim(RENEWAL, LONG), [{ kind: 'agreed', peer: cut.book.peer }]);
    const both = await world.link({ doors: [cut, good], token }).claim(RENEWAL, LONG);
    const { value, version } = await mustGet(world.store, world.keys.lease('web', 'a'));
    assert.deepEqual((JSON.parse(value) as Renewal).asked, ['p1/x']);
    assert.deepEqual(both.at(1), { kind: 'renewed', version, peers: ['p1/x'] });
    cut.book.note('web', { ...HELD, revoked: true });
    const [refused] = await link.claim(RENEWAL, LONG);
    assert.equal(refused?.kind === 'refused' && refused.reason, 'it has seen that epoch 4 is over');
    await setGrant(world, { ...HELD, revoked: true });
    assert.deepEqual(await world.link({ doors: [good], token }).claim(RENEWAL, LONG), [
      { kind: 'over', reason: 'the grant is revoked' },
    ]);
  });

  test('a renewal that is late replaces nothing newer', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const link = world.link({ doors: [await world.open()], token: (await world.token()).text });
    const first = await link.renew(RENEWAL, LONG);
    assert.equal(first.kind, 'renewed');
    const { version } = await mustGet(world.store, world.keys.lease('web', 'a'));
    assert.deepEqual(await link.renew({ ...RENEWAL, asked: ['p9/z'] }, LONG), { kind: 'behind', version });
    assert.equal((await link.renew({ ...RENEWAL, seen: version }, LONG)).kind, 'renewed');
  });

  test('is refused by a process that was started a moment ago', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const door = await openCutOff(world, { startedAgoMs: 1_000 });
    const link = world.link({ doors: [door], token: (await world.token()).text });
    const [word] = await link.claim(RENEWAL, LONG);
    assert.equal(word?.kind === 'refused' && word.reason, 'it was started too recently');
  });

  test('of a stranger, for the node of another, or with other terms gets no word, store or not', async () => {
    await using world = await openDoorWorld(IDENTITY);
    const { endpoint } = await openCutOff(world);
    const { ca } = world.authority;
    const own = await world.token();
    const other = await world.token('n2');
    const wrong = `${own.text.slice(0, -4)}AAAA`;
    const path = '/v1/agent/claim';
    for (const [token, body, status, reason] of [
      [wrong, claimBody(), 401, /not known here/],
      [other.text, claimBody(), 403, /does not speak for web\/a/],
      [own.text, claimBody({ periodMs: 60_000 }), 403, /periodMs/],
      [own.text, claimBody({ asked: Array(65).fill('p') }), 400, /asked/],
    ] as const) {
      const reply = await askDoor(endpoint, { ca, token, path, body });
      assert.equal(reply.status, status, JSON.stringify(reply));
      assert.match(JSON.stringify(reply.body), reason);
    }
  });
});
