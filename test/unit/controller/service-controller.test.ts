// Order: the commit before its effects, the guards of every commit, and what is done when one is refused, lost or late.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { MachineEffect } from '../../../src/failover/machine-effect.ts';
import type { CommitRequest, CommitResult, Store } from '../../../src/ports/store.ts';
import {
  type Bench,
  type BenchOptions,
  createBench,
  type HeldTerm,
  holdTerm,
  type RunningMachine,
  runMachine,
  vote,
} from './controller-bench.ts';

const SWITCHOVER: MachineCommand = { kind: 'switchover', from: null, to: 'a', reason: 'test' };

type Set = { readonly bench: Bench; readonly held: HeldTerm; readonly running: RunningMachine };

async function setUp(options: BenchOptions = {}): Promise<Set> {
  const bench = await createBench(options);
  await vote(bench, 'a', false);
  await vote(bench, 'b', false);
  const held = await holdTerm(bench);
  await bench.clock.advance(100);
  const running = await runMachine(bench, held.tenure);
  running.machine.enqueue({ kind: 'takeover', term: 1, view: running.look() });
  await bench.clock.advance(20);
  return { bench, held, running };
}

async function ask({ bench, running }: Set, id = 'r1', command = SWITCHOVER): Promise<void> {
  const key = bench.keys.request('web', id);
  const result = await bench.store.commit({
    guards: [],
    writes: [{ kind: 'put', key, value: JSON.stringify({ actor: 'ann', command }) }],
    token: `request-${id}`,
  });
  assert.ok(result.kind === 'committed');
  running.machine.enqueue({ kind: 'request', id, version: result.revision, actor: 'ann', command });
  await bench.clock.advance(20);
}

/** Answers the question or ends the effect that was asked for last. */
async function answerPrecheck({ bench, running }: Set): Promise<void> {
  const answer = { kind: 'precheck', node: 'a', ok: true, reason: 'ready', lag: null } as const;
  running.machine.enqueue({ kind: 'answer', question: 'precheck:a', answer });
  await bench.clock.advance(20);
}

function lastRun(performed: readonly MachineEffect[]): Extract<MachineEffect, { kind: 'run' }> {
  const run = performed.filter((effect) => effect.kind === 'run').at(-1);
  assert.ok(run !== undefined, 'nothing was run');
  return run;
}

async function endRun({ bench, running }: Set): Promise<void> {
  const { seq } = lastRun(running.performed);
  running.machine.enqueue({ kind: 'result', seq, outcome: { kind: 'done', reason: 'exit code 0', evidence: {} } });
  await bench.clock.advance(20);
}

async function journal({ bench }: Set): Promise<readonly string[]> {
  const { entries } = await bench.store.list(`${bench.keys.root}journal/web/`);
  return entries.map(({ value }) => (JSON.parse(value) as { kind: string }).kind);
}

describe('ServiceController', () => {
  test('has the INTENT in the store before the effect is performed', async () => {
    const set = await setUp();
    await ask(set);
    await answerPrecheck(set);
    assert.equal(lastRun(set.running.performed).intent.kind, 'stop');
    assert.ok((await journal(set)).includes('INTENT'));
    const stored = await set.bench.store.get(set.bench.keys.operation('web'));
    assert.deepEqual(JSON.parse(stored?.value ?? ''), JSON.parse(JSON.stringify(set.running.machine.state?.op)));
  });

  test('answers a request once, in the commit that acts on it', async () => {
    const set = await setUp();
    await ask(set);
    assert.equal(await set.bench.store.get(set.bench.keys.request('web', 'r1')), null);
    const reply = await set.bench.store.get(set.bench.keys.reply('r1'));
    assert.match(reply?.value ?? '', /"kind":"accepted"/);
    const opId = set.running.machine.state?.op?.opId;
    set.running.machine.enqueue({ kind: 'request', id: 'r1', version: 1, actor: 'ann', command: SWITCHOVER });
    await set.bench.clock.advance(20);
    assert.equal((await set.bench.store.get(set.bench.keys.reply('r1')))?.version, reply?.version);
    assert.equal(set.running.machine.state?.op?.opId, opId);
  });

  test('resigns when its term has ended, and performs nothing of what it decided', async () => {
    const set = await setUp();
    await holdTerm(set.bench, 2);
    await ask(set);
    assert.match(set.held.resigned[0] ?? '', /^the term has ended/);
    assert.deepEqual(
      set.running.performed.filter(({ kind }) => kind === 'run' || kind === 'ask'),
      [],
    );
    assert.equal(await set.bench.store.get(set.bench.keys.operation('web')), null);
  });

  test('resigns when its session is gone', async () => {
    const set = await setUp();
    await set.held.tenure.session.close();
    await ask(set);
    assert.match(set.held.resigned[0] ?? '', /sessionAlive/);
    assert.equal(await set.bench.store.get(set.bench.keys.operation('web')), null);
  });

  test('after a conflict it reads again and decides anew', async () => {
    const set = await setUp();
    const { keys, store } = set.bench;
    const value = JSON.stringify({ kind: 'unknown', version: 41, why: 'somebody else' });
    await store.commit({
      guards: [],
      writes: [{ kind: 'put', key: keys.breadcrumb('web', 'b'), value }],
      token: 'other',
    });
    await ask(set);
    assert.deepEqual(set.held.resigned, []);
    assert.equal(set.running.machine.state?.breadcrumbs.b?.version, 41);
    assert.equal(set.running.machine.state?.op?.kind, 'switchover');
  });

  test('does not commit a START INTENT on a view that is older than what the probers have written (S19)', async () => {
    const set = await setUp();
    await ask(set);
    await answerPrecheck(set);
    await vote(set.bench, 'b', true);
    await set.bench.clock.advance(50);
    // The mirror knows of the new votes, the machine was not told.
    await endRun(set);
    const { state } = set.running.machine;
    assert.equal(state?.service.epoch, 0, 'granted although b answers');
    assert.equal(state?.local.view.nodes.b?.answering.length, 3);
    assert.deepEqual(set.held.resigned, []);
    await vote(set.bench, 'b', false);
    set.running.machine.enqueue({ kind: 'seen', view: set.running.look() });
    await set.bench.clock.advance(20);
    assert.equal(lastRun(set.running.performed).intent.node, 'b');
  });
});

describe('ServiceController and commits of unknown outcome', () => {
  type Fate = 'answered' | 'writtenUnanswered' | 'droppedUnanswered';

  function withFates(fates: Fate[]): BenchOptions {
    return { faults: { fateOfCommit: () => fates.shift() ?? 'answered' } };
  }

  for (const fate of ['writtenUnanswered', 'droppedUnanswered'] as const) {
    test(`${fate}: settled by its token, and the effect is performed once`, async () => {
      const fates: Fate[] = [];
      const set = await setUp(withFates(fates));
      await ask(set);
      fates.push(fate);
      await answerPrecheck(set);
      await set.bench.clock.advance(200);
      const runs = set.running.performed.filter(({ kind }) => kind === 'run');
      assert.equal(runs.length, 1);
      assert.equal((await journal(set)).filter((kind) => kind === 'INTENT').length, 1);
      await endRun(set);
      assert.equal(lastRun(set.running.performed).intent.kind, 'start');
    });
  }

  test('one that lands late is found by the conflict it makes, and its effects are taken over', async () => {
    const late: (() => Promise<CommitResult>)[] = [];
    let isLate = false;
    const wrapStore = (store: Store): Store => ({
      ...bound(store),
      commit: async (request: CommitRequest): Promise<CommitResult> => {
        if (!isLate) return store.commit(request);
        isLate = false;
        late.push(() => store.commit(request));
        return { kind: 'unknown', cause: new Error('no answer') };
      },
    });
    const set = await setUp({ wrapStore });
    await ask(set);
    isLate = true;
    const answer = { kind: 'precheck', node: 'a', ok: true, reason: 'ready', lag: null } as const;
    set.running.machine.enqueue({ kind: 'answer', question: 'precheck:a', answer });
    await set.bench.clock.advance(50);
    assert.equal((await late[0]?.())?.kind, 'committed');
    await set.bench.clock.advance(200);
    assert.deepEqual(set.held.resigned, []);
    const runs = set.running.performed.filter(({ kind }) => kind === 'run');
    assert.equal(runs.length, 1, 'the INTENT is on record, so its effect must be performed');
    assert.equal(lastRun(runs).intent.kind, 'stop');
    await endRun(set);
    assert.equal(lastRun(set.running.performed).intent.kind, 'start');
  });
});

function bound(store: Store): Omit<Store, 'commit'> {
  return {
    kind: store.kind,
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    outcomeOf: (token) => store.outcomeOf(token),
    watch: (prefix, options) => store.watch(prefix, options),
    openSession: (options) => store.openSession(options),
    health: () => store.health(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}
