// The checker of the network tests is awake: a sound history passes, and each way to break it is found under its invariant.
// Needs neither root nor network.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from '../../src/failover/machine-effect.ts';
import { checkHistory } from './support/check-history.ts';
import type { Effect, Life, Records } from './support/read-records.ts';

const SOUND: Records = {
  journal: [
    entry('NOTE', 'Node b is proven down: stop acknowledged', { node: 'b' }),
    entry('NOTE', 'Epoch 1 is granted to a', { node: 'a', epoch: 1 }),
    entry('INTENT', 'Start a', { kind: 'start', node: 'a', step: 1 }),
    entry('RESULT', 'start of a done', { step: 1 }),
    entry('INTENT', 'Fence a', { kind: 'fence', node: 'a', step: 2 }),
    entry('RESULT', 'fence of a off', { step: 2 }),
    entry('NOTE', 'Node a is proven down: fenced', { node: 'a' }),
    entry('NOTE', 'Epoch 2 is granted to b', { node: 'b', epoch: 2 }),
    entry('INTENT', 'Start b', { kind: 'start', node: 'b', step: 3 }),
    entry('RESULT', 'start of b done', { step: 3 }),
  ].map((made, index) => ({ ...made, seq: index + 1, version: index + 1 })),
  operations: [],
  unfinished: [],
  effects: [
    effect({ atMs: 100, action: 'start', node: 'a', epoch: 1, step: 1 }),
    effect({ atMs: 200, action: 'fence', node: 'a' }),
    effect({ atMs: 300, action: 'start', node: 'b', epoch: 2, step: 3 }),
  ],
  lives: [life('a', 1, [110, 210]), life('b', 2, [310, 90_000])],
  takes: [
    { atMs: 120, node: 'a', epoch: 1, pid: 1 },
    { atMs: 320, node: 'b', epoch: 2, pid: 2 },
  ],
  network: [{ fromMs: 0, losses: new Map() }],
  storeDown: [],
  endMs: 90_000,
};

test('a sound history passes', () => {
  const verdict = checkHistory(SOUND);
  assert.deepEqual(verdict.violations, []);
  assert.deepEqual(verdict.starts, { a: 1, b: 1 });
});

const LATE = effect({ atMs: 50_000, action: 'fence', node: 'a', prober: 'p1' });
const CUT = new Map(['p1>p2', 'p1>p3'].map((pair) => [`main:${pair}`, 100]));

const BROKEN: readonly { readonly name: string; readonly found: string; readonly change: Partial<Records> }[] = [
  { name: 'two lives overlap', found: 'I1', change: { lives: [life('a', 1, [110, 400]), life('b', 2, [310, 900])] } },
  { name: 'a start without proof', found: 'I2', change: { journal: without(/^Node a is proven down/) } },
  { name: 'an epoch that falls', found: 'I4', change: { journal: replaced(/granted to b/, { node: 'b', epoch: 1 }) } },
  { name: 'a step that repeats', found: 'I4', change: { journal: replaced(/^Start b/, start('b', 2)) } },
  {
    name: 'a position that falls on a disk',
    found: 'I4',
    change: { effects: [...SOUND.effects, effect({ atMs: 400, action: 'start', node: 'b', epoch: 1, step: 1 })] },
  },
  {
    name: 'a step that is done twice',
    found: 'I5',
    change: { effects: [...SOUND.effects, effect({ atMs: 400, action: 'start', node: 'b', epoch: 2, step: 3 })] },
  },
  { name: 'an effect without an INTENT', found: 'I6', change: { journal: without(/^Fence a/) } },
  { name: 'a step with two results', found: 'I6', change: { journal: replaced(/^start of b/, { step: 2 }) } },
  { name: 'a result of nothing', found: 'I6', change: { effects: SOUND.effects.slice(0, 2) } },
  {
    name: 'a start while another lives',
    found: 'I7',
    change: { lives: [life('a', 1, [110, 305]), life('b', 2, [310, 90_000])] },
  },
  {
    name: 'an effect by a prober that is cut off',
    found: 'I8',
    change: { effects: [...SOUND.effects, LATE], network: [{ fromMs: 40_000, losses: CUT }] },
  },
  {
    name: 'an effect without a store',
    found: 'I9',
    change: { effects: [...SOUND.effects, LATE], storeDown: [[40_000, 60_000]] },
  },
  {
    name: 'an active that nobody started',
    found: 'I1',
    change: { takes: [...SOUND.takes, { atMs: 500, node: 'a', epoch: 3, pid: 77 }] },
  },
  {
    name: 'a living active of an old epoch',
    found: 'I4',
    change: { takes: [...SOUND.takes].reverse(), lives: [life('a', 1, [110, 290]), life('b', 2, [310, 90_000])] },
  },
];

for (const { name, found, change } of BROKEN) {
  test(`finds ${name} (${found})`, () => {
    const { violations } = checkHistory({ ...SOUND, ...change });
    assert.ok(
      violations.some(({ invariant }) => invariant === found),
      JSON.stringify(violations),
    );
  });
}

test('an effect within the right of a prober that was just cut off is none by a minority', () => {
  const network = [{ fromMs: 48_000, losses: CUT }];
  const verdict = checkHistory({ ...SOUND, effects: [...SOUND.effects, LATE], network });
  assert.equal(verdict.effectsByMinority, 0);
});

function entry(kind: JournalEntry['kind'], text: string, evidence: JournalEntry['evidence']): JournalEntry {
  const rules = kind === 'RESULT' ? ['S12'] : [];
  return { opId: 'op-1', seq: 0, kind, phase: 'PLAN', wallMs: 0, term: 1, text, rules, evidence };
}

function start(node: string, step: number): JournalEntry['evidence'] {
  return { kind: 'start', node, step };
}

function without(text: RegExp): Records['journal'] {
  return SOUND.journal.filter((made) => !text.test(made.text));
}

function replaced(text: RegExp, evidence: JournalEntry['evidence']): Records['journal'] {
  return SOUND.journal.map((made) => (text.test(made.text) ? { ...made, evidence } : made));
}

function effect(given: Partial<Effect> & Pick<Effect, 'atMs' | 'action' | 'node'>): Effect {
  return { generation: 1, epoch: 0, step: 0, opId: 'op-1', prober: 'p2', ...given };
}

function life(node: string, epoch: number, [bornMs, diedMs]: readonly [number, number]): Life {
  return { node, epoch, pid: epoch, bornMs, diedMs };
}
