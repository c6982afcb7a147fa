// The index of keys: laid over what was read at different times, the log makes the state of one revision out of it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { KeyIndex } from '../../../../src/store/zookeeper/key-index.ts';
import { type LogRecord, NO_CHANGE } from '../../../../src/store/zookeeper/log-record.ts';

const KEYS = ['/a', '/b', '/c', '/d'] as const;
const SESSIONS = ['s', 't'] as const;

type Step =
  | { readonly kind: 'put'; readonly key: string; readonly session: string | null }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'born' | 'beat'; readonly id: string }
  | { readonly kind: 'ended'; readonly id: string; readonly leftFrom: string | null }
  | { readonly kind: 'sweep' };

const KEY = fc.constantFrom(...KEYS);
const ID = fc.constantFrom(...SESSIONS);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: KEY, session: fc.option(ID) }),
  fc.record({ kind: fc.constant('delete' as const), key: KEY }),
  fc.record({ kind: fc.constantFrom('born' as const, 'beat' as const), id: ID }),
  fc.record({ kind: fc.constant('ended' as const), id: ID, leftFrom: fc.option(KEY) }),
  fc.record({ kind: fc.constant('sweep' as const) }),
);

/** What a session left behind is read before it is swept, and its sweeping afterwards. */
const SWEPT_WHILE_READ: Step[] = [
  { kind: 'put', key: '/a', session: null },
  { kind: 'born', id: 's' },
  { kind: 'put', key: '/a', session: 's' },
  { kind: 'ended', id: 's', leftFrom: '/a' },
  { kind: 'sweep' },
];

describe('KeyIndex', () => {
  test('reading while others write ends in the same state as having followed all along', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 30 }), fc.nat(30), fc.array(fc.nat(30)), (steps, start, moments) => {
        const states = follow(steps);
        const end = states.length - 1;
        const from = Math.min(start, end);
        // Each znode is read at a moment of its own, none before the head was read.
        const momentOf = (at: number) => Math.min(end, from + ((moments[at] ?? 0) % (end - from + 1)));
        const loaded = new KeyIndex();
        for (const [at, key] of KEYS.entries()) {
          const znode = states[momentOf(at)]?.znodes.get(key);
          if (znode !== undefined) loaded.noteRow(key, { ...znode, value: '' });
        }
        for (const [at, id] of SESSIONS.entries()) {
          const row = states[momentOf(KEYS.length + at)]?.index.sessionById(id);
          if (row != null) loaded.noteSession(row);
        }
        for (let revision = from + 1; revision <= end; revision += 1) {
          loaded.apply(revision, states[revision]?.record ?? assert.fail());
        }
        loaded.settleAt(end, 1);
        assert.deepEqual(shown(loaded), shown(states[end]?.index ?? assert.fail()));
      }),
      {
        numRuns: 3_000,
        examples: [[SWEPT_WHILE_READ, 4, []]],
      },
    );
  });

  test('tokens and freed blobs are known as long as their revision is in the log', () => {
    const index = new KeyIndex();
    const blob = { id: 'b', chunks: 1, bytes: 1 };
    index.apply(1, { ...NO_CHANGE, token: 'one', frees: [blob], logFrom: 1 });
    index.apply(2, { ...NO_CHANGE, token: 'two', logFrom: 1 });
    assert.ok(index.hasToken('one') && index.blobIds().has('b'));
    assert.deepEqual(index.freesOf(1), [blob]);
    index.apply(3, { ...NO_CHANGE, logFrom: 2 });
    assert.ok(!index.hasToken('one') && index.hasToken('two') && !index.blobIds().has('b'));
    assert.deepEqual([index.revision, index.logFrom], [3, 2]);
  });
});

type Znode = {
  readonly version: number;
  readonly session: { readonly id: string; readonly incarnation: number } | null;
};
type State = {
  readonly index: KeyIndex;
  readonly znodes: ReadonlyMap<string, Znode>;
  readonly record: LogRecord | null;
};

/** The state after each step that changes anything, with the znodes that are really there. */
function follow(steps: readonly Step[]): readonly State[] {
  const states: State[] = [{ index: new KeyIndex(), znodes: new Map(), record: null }];
  const records: LogRecord[] = [];
  let znodes = new Map<string, Znode>();
  for (const step of steps) {
    const index = replay(records);
    const record = recordOf(step, index);
    if (record === null) continue;
    znodes = changed(znodes, record, records.length + 1, index);
    records.push(record);
    states.push({ index: replay(records), znodes, record });
  }
  return states;
}

function replay(records: readonly LogRecord[]): KeyIndex {
  const index = new KeyIndex();
  for (const [at, record] of records.entries()) index.apply(at + 1, record);
  return index;
}

function recordOf(step: Step, index: KeyIndex): LogRecord | null {
  const base = { ...NO_CHANGE, logFrom: 1 };
  if (step.kind === 'sweep') return { ...base, swept: index.orphans() };
  if (step.kind === 'delete') {
    return index.get(step.key) === undefined ? null : { ...base, writes: [{ kind: 'delete', key: step.key }] };
  }
  const row = index.sessionById((step.kind === 'put' ? step.session : step.id) ?? '');
  if (step.kind === 'born') return row === null ? { ...base, session: { kind: 'born', id: step.id, ttlMs: 1 } } : null;
  if (row === null && !(step.kind === 'put' && step.session === null)) return null;
  const name = row === null ? null : { id: row.id, incarnation: row.incarnation };
  if (step.kind === 'put') return { ...base, writes: [{ kind: 'put', key: step.key, session: name, value: '' }] };
  if (name === null) return null;
  if (step.kind === 'ended') return { ...base, session: { kind: 'ended', name, leftFrom: step.leftFrom } };
  return { ...base, session: { kind: 'beat', name } };
}

function changed(
  before: ReadonlyMap<string, Znode>,
  record: LogRecord,
  version: number,
  index: KeyIndex,
): Map<string, Znode> {
  const after = new Map(before);
  for (const write of record.writes) {
    if (write.kind === 'delete') after.delete(write.key);
    else after.set(write.key, { version, session: write.session });
  }
  for (const key of record.swept) after.delete(key);
  if (record.session?.kind === 'ended') {
    const { name, leftFrom } = record.session;
    for (const key of index.keysOf(name)) if (leftFrom === null || key < leftFrom) after.delete(key);
  }
  return after;
}

function shown(index: KeyIndex) {
  const rows = index.keysUnder('').map((key) => [key, index.get(key)]);
  const sessions = [...index.sessions()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return { rows, sessions, orphans: [...index.orphans()].sort(), revision: index.revision };
}
