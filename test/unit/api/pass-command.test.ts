// A command on its way to the controller: a session that is lost on the way is waited for, a lost answer is not a second
// command, and what nobody answers is taken back.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ApiSource } from '../../../src/api/api-source.ts';
import { passCommand } from '../../../src/api/pass-command.ts';
import { storeKeys } from '../../../src/base/store-keys.ts';
import type { CommitRequest, CommitResult, Session, Store } from '../../../src/ports/store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const KEYS = storeKeys('prod');
const REQUEST = { actor: 'ann', command: { kind: 'failback', reason: 'back' } } as const;
const COMMITTED: CommitResult = { kind: 'committed', revision: 7 };
const DEAD: CommitResult = { kind: 'conflict', guard: { kind: 'sessionAlive', sessionId: 's1' } };

type World = {
  readonly left: CommitRequest[];
  readonly replies: Map<string, string>;
  readonly passed: Promise<unknown>;
  readonly clock: ReturnType<typeof createFakeClock>;
};

type Asked = Parameters<typeof passCommand>[2];

function pass(
  results: readonly CommitResult[],
  outcome: 'committed' | 'absent' = 'absent',
  hasSession = true,
  { request = REQUEST, isThere = true }: { readonly request?: Asked; readonly isThere?: boolean } = {},
): World {
  const clock = createFakeClock();
  const left: CommitRequest[] = [];
  const replies = new Map<string, string>();
  let asked = 0;
  const store = {
    commit: async (request: CommitRequest) => {
      left.push(request);
      asked += 1;
      return results[asked - 1] ?? COMMITTED;
    },
    outcomeOf: async () => outcome,
    get: async (key: string) => (isThere ? { key, value: '', version: 1 } : null),
  } as unknown as Store;
  const view = {
    get: (key: string) => (replies.has(key) ? { key, value: replies.get(key), version: 1 } : undefined),
    onChange: () => () => undefined,
  };
  const source = {
    store,
    keys: KEYS,
    clock,
    view,
    session: () => (hasSession ? ({ id: `s${asked + 1}` } as Session) : null),
    uniqueId: () => 'r1',
  } as unknown as ApiSource;
  return { left, replies, clock, passed: passCommand(source, 'web', request) };
}

const ACCEPTED = { kind: 'accepted', opId: 'o1', note: 'failback begins' };

async function answered(world: World): Promise<unknown> {
  world.replies.set(KEYS.reply('r1'), JSON.stringify(ACCEPTED));
  await world.clock.advance(1_000);
  return world.passed;
}

function sessionsOf(world: World): readonly (string | undefined)[] {
  return world.left.flatMap(({ writes }) =>
    writes.map((write) => (write.kind === 'put' ? write.sessionId : undefined)),
  );
}

describe('passCommand', () => {
  test('leaves the request again under the next session when the first one is gone', async () => {
    const world = pass([DEAD, COMMITTED]);
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.deepEqual(sessionsOf(world), ['s1', 's2']);
  });

  test('does not leave a request twice whose answer was lost', async () => {
    const world = pass([{ kind: 'unknown', cause: new Error('cut') }], 'committed');
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 1);
  });

  test('knows a request that landed late by its key', async () => {
    const key = KEYS.request('web', 'r1');
    const world = pass([
      { kind: 'unknown', cause: new Error('cut') },
      { kind: 'conflict', guard: { kind: 'absent', key } },
    ]);
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 2);
  });

  test('gives up after a while without a session, with nothing left behind', async () => {
    const world = pass([], 'absent', false);
    const refused = assert.rejects(world.passed, { code: 'ONEUP_STORE_UNREACHABLE' });
    for (let second = 0; second < 25; second += 1) await world.clock.advance(1_000);
    await refused;
    assert.deepEqual(world.left, []);
  });

  test('leaves it again when it went with its session before anybody saw it', async () => {
    const world = pass([], 'absent', true, { isThere: false });
    await world.clock.advance(600);
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.deepEqual(sessionsOf(world).slice(0, 2), ['s1', 's2']);
  });

  test('never leaves a shot of a fence test again: it may have been fired', async () => {
    const request = { actor: 'ann', command: { kind: 'fenceTest', node: 'b', level: null, reason: 'try' } } as const;
    const world = pass([], 'absent', true, { isThere: false, request });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT' });
    await world.clock.advance(1_000);
    await refused;
    assert.equal(sessionsOf(world).filter((session) => session !== undefined).length, 1);
  });

  test('takes back what no controller answers', async () => {
    const world = pass([COMMITTED]);
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT' });
    for (let second = 0; second < 25; second += 1) await world.clock.advance(1_000);
    await refused;
    assert.deepEqual(world.left.at(-1)?.writes, [{ kind: 'delete', key: KEYS.request('web', 'r1') }]);
  });
});
