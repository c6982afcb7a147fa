// The incident of a node: open from the records, closed from the history, with what its journal says of that node alone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readIncident, readIncidents } from '../../../src/controller/read-incident.ts';
import { journalAbout, scriptOutputs, votesAbout } from '../../../src/controller/read-journal-about.ts';
import type { HistoryEntry, JournalEntry } from '../../../src/failover/machine-effect.ts';
import type { Operation } from '../../../src/failover/operation.ts';
import { activeState, at, request } from '../failover/machine-fixture.ts';
import { createReadBench } from './read-bench.ts';

const VOTE = { prober: 'p1', vantage: 'eu', verdict: 'down', reason: 'refused', checkedWallMs: 1 } as const;

function line(seq: number, text: string, more: Partial<JournalEntry> = {}): JournalEntry {
  return {
    opId: 'op-1',
    seq,
    kind: 'NOTE',
    phase: 'STOP_OLD',
    wallMs: 0,
    term: 1,
    text,
    rules: [],
    evidence: {},
    ...more,
  };
}

const JOURNAL: readonly JournalEntry[] = [
  line(1, 'automatic planned: a to b', { phase: 'PLAN', evidence: { votes: [VOTE] } }),
  line(2, 'Stop a, at most 8000 ms', { kind: 'INTENT', evidence: { kind: 'stop', node: 'a', step: 5 } }),
  line(3, 'stop of a failed: exit code 3', {
    kind: 'RESULT',
    evidence: { step: 5, exitCode: 3, output: 'no such unit\n' },
  }),
  line(4, 'Node a is proven down: fenced'),
  line(5, 'CONFIRM_DOWN ended: a quorum and a word', { kind: 'RESULT' }),
  line(6, 'Start b, at most 8000 ms', { kind: 'INTENT', evidence: { kind: 'start', node: 'b', step: 6 } }),
  line(7, 'start of b done: exit code 0', { kind: 'RESULT', evidence: { step: 6, exitCode: 0, output: 'started' } }),
];

function operation(change: Partial<Operation>): Operation {
  const { op } = at(activeState(), request({ kind: 'switchover', from: null, to: null, reason: 'x' })).state;
  assert.ok(op !== null);
  return { ...op, opId: 'op-1', ...change };
}

function ended(change: Partial<Operation>, outcome: HistoryEntry['outcome'] = 'done'): HistoryEntry {
  return { op: operation(change), outcome, endedWallMs: 9_000, summary: 'over' };
}

const FAILED: Partial<Operation> = { kind: 'automatic', from: 'a', to: 'b', pastReturn: true, reason: 'a is down' };

describe('journal of one node', () => {
  test('has its steps, their results and what is noted of it, and no article that looks like its name', () => {
    assert.deepEqual(
      journalAbout(JOURNAL, 'a').map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
    assert.deepEqual(
      journalAbout(JOURNAL, 'b').map(({ seq }) => seq),
      [1, 6, 7],
    );
    assert.deepEqual(scriptOutputs(journalAbout(JOURNAL, 'a')), [
      { what: 'stop of a failed: exit code 3', exitCode: 3, output: 'no such unit\n' },
    ]);
  });

  test('votes of a list are about the node that was left; a record names its nodes', () => {
    assert.deepEqual(votesAbout(JOURNAL, { node: 'a', from: 'a' }), [VOTE]);
    assert.deepEqual(votesAbout(JOURNAL, { node: 'b', from: 'a' }), []);
    const byNode = [line(1, 'planned', { phase: 'PLAN', evidence: { votes: { b: [VOTE] } } })];
    assert.deepEqual(votesAbout(byNode, { node: 'b', from: 'a' }), [VOTE]);
  });
});

describe('incident', () => {
  test('open: stage, cause, votes, output, and what to do next', async () => {
    const mark = { opId: 'op-1', why: 'a is down', stage: 'failed', rootCause: null, actor: null } as const;
    const bench = await createReadBench({ active: 'b', failed: { a: mark } });
    await bench.addHistory(ended(FAILED));
    await bench.addJournal(JOURNAL);
    const found = await readIncident(bench.deps, bench.service, 'a');
    assert.deepEqual([found?.stage, found?.why, found?.operation?.outcome], ['failed', 'a is down', 'done']);
    assert.deepEqual([found?.votes, found?.outputs.length, found?.journal.length], [[VOTE], 1, 4]);
    assert.match(found?.next ?? '', /oneup repair web --node a .*oneup rejoin web --node a/);
    assert.equal(await readIncident(bench.deps, bench.service, 'b'), null, 'b has never failed');
  });

  test('while it runs, and when its records are forgotten, it is told with what there is', async () => {
    const mark = { opId: 'op-1', why: 'smoke', stage: 'repairing', rootCause: 'the fan', actor: 'ann' } as const;
    const running = await createReadBench(
      { failed: { b: mark } },
      { op: operation({ ...FAILED, from: 'b', to: 'a' }) },
    );
    assert.equal((await readIncident(running.deps, running.service, 'b'))?.operation?.outcome, 'running');
    const forgotten = await createReadBench({ failed: { b: mark } });
    const found = await readIncident(forgotten.deps, forgotten.service, 'b');
    assert.deepEqual([found?.operation, found?.rootCause, found?.repairedBy], [null, 'the fan', 'ann']);
  });

  test('back: the last incident comes from the history, with the rejoin that ended it', async () => {
    const bench = await createReadBench();
    await bench.addHistory(ended({ ...FAILED, opId: 'op-0', from: 'b', to: 'a', kind: 'switchover' }));
    await bench.addHistory(ended({ ...FAILED, from: 'b', to: 'a', tried: [], reason: 'b is down' }));
    await bench.addHistory(ended({ opId: 'op-2', kind: 'rejoin', from: 'b', to: null }));
    const [only, ...others] = await readIncidents(bench.deps, bench.service);
    assert.deepEqual([only?.node, only?.stage, only?.opId, others.length], ['b', 'back', 'op-1', 0]);
    assert.deepEqual([only?.why, only?.rejoinedIn?.opId], ['b is down', 'op-2']);
  });

  test('a target that was tried in vain, or fenced, has one too; one that was only left has none', async () => {
    const bench = await createReadBench();
    await bench.addHistory(ended({ opId: 'op-0', kind: 'switchover', from: 'b', to: 'a', fenced: [], tried: [] }));
    assert.deepEqual(await readIncidents(bench.deps, bench.service), []);
    await bench.addHistory(ended({ opId: 'op-3', kind: 'switchover', tried: ['b'], failure: 'no disk' }, 'rolledBack'));
    assert.equal((await readIncident(bench.deps, bench.service, 'b'))?.why, 'no disk');
  });
});
