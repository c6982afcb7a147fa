// Who leads: one at a time, in rising terms, after the predecessor has certainly stopped; and what a candidate leaves behind
// when it cannot win.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { waitForPeriodMs } from '../../../src/base/clock-bounds.ts';
import { OneupError } from '../../../src/base/oneup-error.ts';
import type { Tenure } from '../../../src/controller/controller-deps.ts';
import { runElection } from '../../../src/controller/election.ts';
import { parseTerm } from '../../../src/controller/term-record.ts';
import { MemoryStoreWorld } from '../../../src/store/memory/memory-store-world.ts';
import { type Bench, type BenchOptions, createBench } from './controller-bench.ts';

type Candidate = {
  readonly bench: Bench;
  readonly terms: { readonly tenure: Tenure; readonly atMs: number }[];
  readonly shutdown: AbortController;
  isAtRest: boolean;
  mayCampaign: boolean;
};

const STEP_MS = 10;
/** Of the configuration of the bench: session 2 s, rho 0.01, margin 200 ms, kill time 200 ms. */
const TAKEOVER_MS = waitForPeriodMs(2_000, { rho: 0.01, marginMs: 200 }) + 200;

type CampaignOptions = BenchOptions & {
  readonly mayCampaign?: boolean;
  /** Its copy of the store does not show the holder. */
  readonly isBlind?: boolean;
};

async function campaign(world: MemoryStoreWorld, id: string, options: CampaignOptions = {}): Promise<Candidate> {
  const shutdown = new AbortController();
  const bench = await createBench({ world, id, ...options, signal: shutdown.signal });
  const candidate: Candidate = { bench, terms: [], shutdown, isAtRest: true, mayCampaign: options.mayCampaign ?? true };
  const { view } = bench.deps;
  const get: typeof view.get = (key) => (key === bench.keys.controller ? undefined : view.get(key));
  void runElection(options.isBlind === true ? { ...bench.deps, view: { ...view, get } } : bench.deps, {
    mayCampaign: () => candidate.mayCampaign,
    lead: async (tenure) => {
      candidate.terms.push({ tenure, atMs: bench.clock.monotonicMs() });
      await new Promise<void>((resolve) => tenure.signal.addEventListener('abort', () => resolve(), { once: true }));
      return { isAtRest: candidate.isAtRest };
    },
  });
  return candidate;
}

/** All clocks go on together; one that is stopped only gets older. */
async function pass(candidates: readonly Candidate[], ms: number, stopped: Candidate | null = null): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += STEP_MS) {
    for (const candidate of candidates) {
      if (candidate === stopped) candidate.bench.clock.stall(STEP_MS);
      else await candidate.bench.clock.advance(STEP_MS);
    }
  }
}

/** Something must be in the store before anybody campaigns: the mirror has to be loaded. */
async function worldWithMeta(): Promise<MemoryStoreWorld> {
  const world = new MemoryStoreWorld();
  const { store, keys } = await createBench({ world, id: 'init' });
  await store.commit({ guards: [], writes: [{ kind: 'put', key: keys.meta, value: '{}' }], token: 'init' });
  return world;
}

async function termOf({ bench }: Candidate): Promise<ReturnType<typeof parseTerm>> {
  return parseTerm((await bench.store.get(bench.keys.term))?.value);
}

async function pair(): Promise<readonly [Candidate, Candidate]> {
  const world = await worldWithMeta();
  return [await campaign(world, 'p1'), await campaign(world, 'p2')];
}

function split([one, two]: readonly [Candidate, Candidate]): readonly [leading: Candidate, other: Candidate] {
  return one.terms.length > 0 ? [one, two] : [two, one];
}

describe('election', () => {
  test('two candidates at once: one term, at once, because nobody held one before', async () => {
    const both = await pair();
    await pass(both, 1_000);
    assert.equal(both[0].terms.length + both[1].terms.length, 1);
    assert.equal((await termOf(both[0])).term, 1);
  });

  test('after a clean resignation the next term acts at once', async () => {
    const both = await pair();
    await pass(both, 1_000);
    const [leading, other] = split(both);
    leading.shutdown.abort(new Error('shutting down'));
    await pass(both, 600);
    assert.equal(other.terms.length, 1);
    assert.equal(other.terms[0]?.tenure.term, 2);
  });

  test('after one that was not at rest it waits for its ttl, the margin and the kill time (S9)', async () => {
    const both = await pair();
    await pass(both, 1_000);
    const [leading, other] = split(both);
    leading.isAtRest = false;
    leading.shutdown.abort(new Error('shutting down'));
    const beganMs = other.bench.clock.monotonicMs();
    await pass(both, TAKEOVER_MS - 100);
    assert.deepEqual([(await termOf(other)).term, other.terms.length], [2, 0]);
    await pass(both, 800);
    assert.equal(other.terms.length, 1);
    assert.ok((other.terms[0]?.atMs ?? 0) - beganMs >= TAKEOVER_MS);
  });

  test('a holder that was stopped past its deadline may not act, and does not lead again with the same session (S8)', async () => {
    const both = await pair();
    await pass(both, 1_000);
    const [leading, other] = split(both);
    const { tenure } = leading.terms[0] ?? assert.fail('nobody leads');
    await pass(both, 6_000, leading);
    assert.equal(other.terms.length, 1);
    assert.equal(tenure.mayAct(), false);
    await pass(both, 200);
    assert.equal(tenure.signal.aborted, true);
    other.isAtRest = false;
    other.shutdown.abort(new Error('shutting down'));
    await pass(both, 5_000);
    const second = leading.terms[1];
    assert.ok(second !== undefined, 'it leads again');
    assert.notEqual(second.tenure.session.id, tenure.session.id);
    assert.deepEqual([tenure.mayAct(), second.tenure.term], [false, 3]);
  });

  test('a candidate with an old copy of the store does not take the term of a living holder', async () => {
    const world = await worldWithMeta();
    const holder = await campaign(world, 'p1');
    await pass([holder], 500);
    const blind = await campaign(world, 'p2', { isBlind: true });
    await pass([holder, blind], 2_000);
    assert.deepEqual([holder.terms.length, blind.terms.length, (await termOf(holder)).term], [1, 0, 1]);
  });

  test('a prober that may not campaign does not, and the term number does not rise', async () => {
    const candidate = await campaign(await worldWithMeta(), 'p1', { mayCampaign: false });
    await pass([candidate], 2_000);
    assert.deepEqual([candidate.terms.length, (await termOf(candidate)).term], [0, 0]);
    candidate.mayCampaign = true;
    await pass([candidate], 500);
    assert.equal(candidate.terms.length, 1);
  });

  test('the runner hears of every renewal, never of a deadline that is behind the one before', async () => {
    const heard: number[] = [];
    const world = await worldWithMeta();
    const candidate = await campaign(world, 'p1', { extendDeadline: (untilMs) => heard.push(untilMs) });
    await pass([candidate], 3_000);
    assert.ok(new Set(heard).size >= 3);
    assert.deepEqual(
      heard,
      [...heard].sort((a, b) => a - b),
    );
  });

  test('campaigns that fail leave no session behind', async () => {
    const world = await worldWithMeta();
    let refusals = 0;
    const before = (call: string) => {
      if (call !== 'commit' || refusals >= 100) return null;
      refusals += 1;
      return new OneupError('ONEUP_STORE_UNREACHABLE', 'Cannot commit: the line is cut');
    };
    const candidate = await campaign(world, 'p1', { faults: { before } });
    await pass([candidate], 40_000);
    assert.ok(refusals >= 80, `refused ${refusals} times`);
    assert.equal(candidate.terms.length, 1, 'it wins as soon as it can');
  });

  test('a term record that cannot be read keeps everybody out, and that is said aloud', async () => {
    const world = await worldWithMeta();
    const candidate = await campaign(world, 'p1', { mayCampaign: false });
    const { store, keys } = candidate.bench;
    await store.commit({ guards: [], writes: [{ kind: 'put', key: keys.term, value: '"seven"' }], token: 'corrupt' });
    candidate.mayCampaign = true;
    await pass([candidate], 1_000);
    assert.match(candidate.bench.errors[0] ?? 'nothing was said', /Cannot read the term record/);
  });
});
