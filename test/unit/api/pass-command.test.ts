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
const UNKNOWN: CommitResult = { kind: 'unknown', cause: new Error('cut') };
const DEAD: CommitResult = { kind: 'conflict', guard: { kind: 'sessionAlive', sessionId: 's1' } };

type World = {
  readonly left: CommitRequest[];
  /** As the view of this prober has them. */
  readonly replies: Map<string, string>;
  readonly passed: Promise<unknown>;
  readonly clock: ReturnType<typeof createFakeClock>;
};

type Options = {
  /** What the store answers to one commit after the other, then `committed`. */
  readonly results?: readonly (CommitResult | Error)[];
  readonly outcome?: () => Promise<'committed' | 'absent'>;
  readonly hasSession?: boolean;
  /** What the store holds, ahead of the view. */
  readonly get?: (key: string) => string | null;
  readonly idempotencyKey?: string | null;
  /** Keys that its view lists, oldest first. */
  readonly held?: readonly string[];
};

function pass(options: Options = {}): World {
  const {
    held = [],
    results = [],
    outcome = async () => 'absent' as const,
    hasSession = true,
    get = () => '',
  } = options;
  const clock = createFakeClock();
  const left: CommitRequest[] = [];
  const replies = new Map<string, string>();
  let asked = 0;
  const store = {
    commit: async (request: CommitRequest) => {
      left.push(request);
      asked += 1;
      const result = results[asked - 1] ?? COMMITTED;
      if (result instanceof Error) throw result;
      return result;
    },
    outcomeOf: outcome,
    get: async (key: string) => {
      const value = get(key);
      return value === null ? null : { key, value, version: 1 };
    },
  } as unknown as Store;
  const view = {
    get: (key: string) => (replies.has(key) ? { key, value: replies.get(key), version: 1 } : undefined),
    list: (prefix: string) => held.filter((key) => key.startsWith(prefix)).map((key, version) => ({ key, version })),
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
  const { idempotencyKey = null } = options;
  return { left, replies, clock, passed: passCommand(source, 'web', { request: REQUEST, idempotencyKey }) };
}

const ACCEPTED = { kind: 'accepted', opId: 'o1', note: 'failback begins' };

async function answered(world: World): Promise<unknown> {
  world.replies.set(KEYS.reply('r1'), JSON.stringify(ACCEPTED));
  await world.clock.advance(1_000);
  return world.passed;
}

async function pastTheLimit({ clock }: World): Promise<void> {
  for (let second = 0; second < 25; second += 1) await clock.advance(1_000);
}

function sessionsOf(world: World): readonly (string | undefined)[] {
  return world.left.flatMap(({ writes }) =>
    writes.map((write) => (write.kind === 'put' ? write.sessionId : undefined)),
  );
}

function keysLeft(world: World): readonly string[] {
  return world.left.flatMap(({ writes }) => writes.flatMap((write) => (write.kind === 'put' ? [write.key] : [])));
}

describe('passCommand', () => {
  test('leaves the request again under the next session when the first one is gone', async () => {
    const world = pass({ results: [DEAD, COMMITTED] });
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.deepEqual(sessionsOf(world), ['s1', 's2']);
  });

  test('does not leave a request twice whose answer was lost', async () => {
    const world = pass({ results: [UNKNOWN], outcome: async () => 'committed' });
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 1);
  });

  test('knows a request that landed late by its key', async () => {
    const key = KEYS.request('web', 'r1');
    const world = pass({ results: [UNKNOWN, { kind: 'conflict', guard: { kind: 'absent', key } }] });
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 2);
  });

  test('knows a request that landed late and was answered meanwhile by its reply', async () => {
    const key = KEYS.reply('r1');
    const world = pass({ results: [UNKNOWN, { kind: 'conflict', guard: { kind: 'absent', key } }] });
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 2);
    assert.ok(
      world.left.every(({ guards }) => guards.some((guard) => guard.kind === 'absent' && guard.key === key)),
      'each attempt is guarded by the reply',
    );
  });

  test('goes on when the store cannot tell what became of an attempt', async () => {
    const world = pass({ results: [UNKNOWN], outcome: () => Promise.reject(new Error('cut')) });
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 2);
  });

  test('gives up after a while without a session, with nothing left behind', async () => {
    const world = pass({ hasSession: false });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_STORE_UNREACHABLE' });
    await pastTheLimit(world);
    await refused;
    assert.deepEqual(world.left, []);
  });

  test('says of an attempt in doubt that it may have arrived', async () => {
    const world = pass({ results: Array.from({ length: 1_000 }, () => UNKNOWN) });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_STORE_UNREACHABLE', message: /may have arrived/ });
    await pastTheLimit(world);
    await refused;
  });

  test('leaves it again when it went with its session before anybody saw it', async () => {
    const world = pass({ get: () => null });
    await world.clock.advance(600);
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.deepEqual(sessionsOf(world).slice(0, 2), ['s1', 's2']);
  });

  test('leaves it once when it was answered before this prober sees the answer', async () => {
    const reply = KEYS.reply('r1');
    const world = pass({ get: (key) => (key === reply ? JSON.stringify(ACCEPTED) : null) });
    await world.clock.advance(2_000);
    assert.deepEqual(await answered(world), ACCEPTED);
    assert.equal(world.left.length, 1);
  });

  test('takes back what no controller answers', async () => {
    const world = pass({ get: (key) => (key === KEYS.reply('r1') ? null : '') });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT', message: /was taken back/ });
    await pastTheLimit(world);
    await refused;
    const taken = world.left.at(-1);
    assert.deepEqual(taken?.guards, [{ kind: 'absent', key: KEYS.reply('r1') }]);
    assert.deepEqual(taken?.writes[0], { kind: 'delete', key: KEYS.request('web', 'r1') });
    assert.equal(taken?.writes[1]?.key, KEYS.reply('r1'), 'an attempt that lands later meets the guard of the reply');
  });

  test('says so when it cannot tell whether the request was taken back', async () => {
    const get = (key: string) => (key === KEYS.reply('r1') ? null : '');
    const world = pass({ results: [COMMITTED, UNKNOWN], get });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT', message: /may still be done/ });
    await pastTheLimit(world);
    await refused;
  });

  test('says that it may still be done when the store is gone as it is taken back', async () => {
    const world = pass({ results: [COMMITTED, new Error('no store')] });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_STORE_UNREACHABLE', message: /may still be done/ });
    await pastTheLimit(world);
    await refused;
  });

  test('makes room for its mark, as nobody else does without a controller', async () => {
    const held = Array.from({ length: 203 }, (_, index) => KEYS.reply(`old${index}`));
    const world = pass({ held });
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT' });
    await pastTheLimit(world);
    await refused;
    const gone = held.slice(0, 3).map((key) => ({ kind: 'delete', key }));
    assert.deepEqual(world.left.at(-1)?.writes.slice(2), gone);
  });

  for (const damaged of ['{"kind":"acc', 'null', '{}']) {
    test(`says which record is damaged, and does nothing again: ${damaged}`, async () => {
      const world = pass();
      const refused = assert.rejects(world.passed, { code: 'ONEUP_STORE_CORRUPT', message: /reply\/r1/ });
      world.replies.set(KEYS.reply('r1'), damaged);
      await world.clock.advance(1_000);
      await refused;
      assert.equal(world.left.length, 1);
    });
  }

  test('tells the answer that came while the request was taken back', async () => {
    const conflict: CommitResult = { kind: 'conflict', guard: { kind: 'absent', key: KEYS.reply('r1') } };
    const get = (key: string) => (key === KEYS.reply('r1') ? JSON.stringify(ACCEPTED) : '');
    const world = pass({ results: [COMMITTED, conflict], get });
    await pastTheLimit(world);
    assert.deepEqual(await world.passed, ACCEPTED);
  });

  test('tells of a command that another prober has taken back', async () => {
    const world = pass();
    const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT', message: /was taken back/ });
    world.replies.set(KEYS.reply('r1'), JSON.stringify({ kind: 'taken-back', silent: 'the controller is silent' }));
    await world.clock.advance(1_000);
    await refused;
    assert.equal(world.left.length, 1);
  });

  test('names the request by the key of the client, whatever prober it asks', async () => {
    const [one, two, other] = ['k1', 'k1', 'k2'].map((idempotencyKey) =>
      pass({ idempotencyKey, get: (key) => (key.includes('/reply/') ? null : '') }),
    );
    assert.ok(one !== undefined && two !== undefined && other !== undefined);
    for (const world of [one, two, other]) {
      const refused = assert.rejects(world.passed, { code: 'ONEUP_CONTROLLER_SILENT' });
      await pastTheLimit(world);
      await refused;
    }
    assert.deepEqual(keysLeft(one), keysLeft(two));
    assert.notDeepEqual(keysLeft(one), keysLeft(other));
  });
});
