// The probers are asked through records that go with sessions: a question or an answer that is lost with one is asked or kept, and
// who has said nothing by the deadline is told as unanswered.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ApiSource } from '../../../../src/api/api-source.ts';
import { storeKeys } from '../../../../src/base/store-keys.ts';
import type { AppDeps } from '../../../../src/cli/app-deps.ts';
import { loadedConfig } from '../../../../src/cli/config-in-force.ts';
import { answerLooks } from '../../../../src/cli/connect/answer-looks.ts';
import { askVantages, type VantagesAnswer } from '../../../../src/cli/connect/ask-vantages.ts';
import { loadConfig } from '../../../../src/config/load.ts';
import type { Session } from '../../../../src/ports/store.ts';
import { MemoryStoreWorld } from '../../../../src/store/memory/memory-store-world.ts';
import { startStoreMirror } from '../../../../src/store/store-mirror.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { SILENT, testConfigText } from '../../../support/prober-world.ts';
import { put } from '../../../support/store-calls.ts';

const keys = storeKeys('test');

/** Prober p1 asks; p1 and p2 are live, and answer when the test says so. */
async function openPlace() {
  const directory = await mkdtemp(join(tmpdir(), 'oneup-vantages-'));
  const configFile = join(directory, 'oneup.yaml');
  const text = testConfigText();
  await writeFile(configFile, text);
  const clock = createFakeClock();
  const store = new MemoryStoreWorld().connect({ clock, bounds: { rho: 0.01, marginMs: 100 } });
  const stop = new AbortController();
  const { signal } = stop;
  const view = startStoreMirror({ store, root: keys.root, clock, logger: SILENT, watchTimeoutMs: 30_000, signal });
  const sessions = new Map<string, Session>();
  const live = async (prober: string) => {
    const session = await store.openSession({ id: `${prober}-${crypto.randomUUID()}`, ttlMs: 600_000 });
    sessions.set(prober, session);
    await put(store, keys.prober(prober), '{}', session.id);
    await clock.advance(100);
  };
  const [config, loaded] = [loadedConfig(text, configFile), loadConfig(configFile)];
  assert.ok(config.ok && loaded.ok);
  let isAway = false;
  const source = (): ApiSource => {
    if (isAway) throw new Error('the store is away');
    const session = () => sessions.get('p1') ?? null;
    const loadText = (other: string) => loadedConfig(other, configFile);
    const provider = () => assert.fail('no provider is asked');
    const read = { config: config.value, keys, view, store, generation: 1 };
    return { ...read, clock, session, uniqueId: () => crypto.randomUUID(), loadText, provider };
  };
  const questionId = async () => JSON.parse((await store.get(keys.connectAsked))?.value ?? 'null')?.id ?? null;
  await live('p1');
  await live('p2');
  return {
    clock,
    live,
    questionId,
    view,
    source,
    setAway: (away: boolean) => {
      isAway = away;
    },
    lose: async (prober: string) => {
      await sessions.get(prober)?.close();
      sessions.delete(prober);
      await clock.advance(100);
    },
    answer: async (prober: string) => {
      const vantage = { prober, findings: [], unlisted: 0, problem: null };
      const value = JSON.stringify({ id: await questionId(), vantage, facts: null });
      await put(store, keys.connectAnswer(prober), value, sessions.get(prober)?.id);
      await clock.advance(200);
    },
    ask: () => {
      const asked = askVantages({ source, prober: 'p1', configFile, digest: loaded.value.digest, signal });
      return asked.then(({ body }) => body as VantagesAnswer);
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await clock.advance(500);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function problems(asked: Promise<VantagesAnswer>) {
  const answer = await asked;
  assert.ok(answer.kind === 'looked', JSON.stringify(answer));
  return answer.vantages.map(({ prober, problem }) => `${prober}: ${problem ?? 'looked'}`);
}

test('an answer that goes away with the session of its prober was given all the same', async () => {
  await using place = await openPlace();
  const asked = place.ask();
  await place.clock.advance(300);
  await place.answer('p2');
  await place.lose('p2');
  await place.answer('p1');
  assert.deepEqual(await problems(asked), ['p1: looked', 'p2: looked']);
  assert.equal(await place.questionId(), null, 'the question is withdrawn');
});

test('a question that is lost with the session of who asked is asked again, as the same question', async () => {
  await using place = await openPlace();
  const asked = place.ask();
  await place.clock.advance(300);
  const first = await place.questionId();
  await place.answer('p2');
  await place.lose('p1');
  place.setAway(true);
  assert.equal(await place.questionId(), null);
  await place.clock.advance(3_000);
  place.setAway(false);
  await place.live('p1');
  await place.clock.advance(500);
  assert.equal(await place.questionId(), first);
  await place.answer('p1');
  assert.deepEqual(await problems(asked), ['p1: looked', 'p2: looked']);
});

test('who loses the session before it has answered is waited for, and told as unanswered when it does not come back', async () => {
  await using place = await openPlace();
  const asked = place.ask();
  await place.clock.advance(300);
  await place.answer('p1');
  await place.lose('p2');
  await place.clock.advance(5_000);
  assert.notEqual(await place.questionId(), null, 'it is still waited for');
  await place.live('p3');
  await place.clock.advance(25_000);
  const found = await problems(asked);
  assert.equal(found[0], 'p1: looked');
  assert.match(found[1] ?? '', /^p2: unanswered: its session ended while it was asked/);
  assert.match(found[2] ?? '', /^p3: unanswered: nothing within 24 s/);
});

test('a prober that is asked the same question again answers with what it has found', async () => {
  await using place = await openPlace();
  const reported: (string | null)[] = [];
  const stop = new AbortController();
  const { view, source } = place;
  const { store } = source();
  // A text that cannot be loaded is answered at once.
  const pose = (id: string, text: string) => put(store, keys.connectAsked, JSON.stringify({ id, text, by: 'p1' }));
  const report = (_key: string, value: string | null) => void reported.push(value);
  const configFile = '/nowhere/oneup.yaml';
  answerLooks({ view, keys, prober: 'p2', configFile, deps: {} as AppDeps, report, signal: stop.signal });
  await pose('q1', 'no configuration');
  await place.clock.advance(200);
  await store.commit({ guards: [], writes: [{ kind: 'delete', key: keys.connectAsked }], token: crypto.randomUUID() });
  await place.clock.advance(200);
  await pose('q1', 'cluster: {}');
  await place.clock.advance(200);
  stop.abort();
  const [first, second, third] = reported;
  assert.match(first ?? '', /it cannot load the file/);
  assert.deepEqual([second, third], [null, first]);
});
