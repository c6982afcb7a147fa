// A store may only go forward: what counts as back, what as foreign, and what raises the mark (S4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareWithStore, parseMark, raiseMark } from '../../../src/store/high-water-mark.ts';

const MARK = { generation: { number: 3, id: 'x' }, revision: 100, term: 7, epochs: { web: 4, db: 2 } };

const CASES = [
  { what: 'the same', seen: MARK, kind: 'ok' },
  { what: 'further in everything', seen: { ...MARK, revision: 101, term: 8, epochs: { web: 5, db: 2 } }, kind: 'ok' },
  { what: 'a service more', seen: { ...MARK, epochs: { ...MARK.epochs, mail: 1 } }, kind: 'ok' },
  { what: 'a service less', seen: { ...MARK, epochs: { web: 4 } }, kind: 'ok' },
  { what: 'a service named like an object', seen: { ...MARK, epochs: { ...MARK.epochs, constructor: 0 } }, kind: 'ok' },
  { what: 'a lower revision', seen: { ...MARK, revision: 99 }, kind: 'wentBack' },
  { what: 'a lower term', seen: { ...MARK, revision: 101, term: 6 }, kind: 'wentBack' },
  { what: 'a lower epoch', seen: { ...MARK, revision: 101, epochs: { web: 4, db: 1 } }, kind: 'wentBack' },
  { what: 'a lower generation', seen: { ...MARK, generation: { number: 2, id: 'w' } }, kind: 'wentBack' },
  { what: 'another id', seen: { ...MARK, generation: { number: 3, id: 'y' } }, kind: 'foreign' },
  {
    what: 'a higher generation that starts anew',
    seen: { generation: { number: 4, id: 'y' }, revision: 1, term: 0, epochs: {} },
    kind: 'ok',
  },
] as const;

for (const { what, seen, kind } of CASES) {
  test(`compareWithStore calls ${what} ${kind}`, () => {
    assert.equal(compareWithStore(MARK, seen).kind, kind);
  });

  test(`raiseMark with ${what} leaves a mark against which the old one is no further`, () => {
    const raised = raiseMark(MARK, seen);
    if (kind === 'ok') assert.equal(compareWithStore(raised, seen).kind, 'ok');
    else assert.deepEqual(raised, { ...MARK, ...onlyHigher(seen) });
    assert.deepEqual(raiseMark(raised, seen), raised, 'raising twice is raising once');
  });
}

test('compareWithStore accepts any store when nothing was seen before', () => {
  assert.deepEqual(compareWithStore(null, MARK), { kind: 'ok' });
  assert.deepEqual(raiseMark(null, MARK), MARK);
});

test('parseMark reads what JSON.stringify wrote', () => {
  assert.deepEqual(parseMark(JSON.stringify(MARK)), { ok: true, value: MARK });
});

const DAMAGED = ['', '{', 'null', '7', '[]', '{"generation":{"number":1}}'];
const WITHOUT = ['generation', 'revision', 'term', 'epochs'].map((key) =>
  JSON.stringify({ ...MARK, [key]: undefined }),
);
const WRONG = [{ revision: -1 }, { term: '7' }, { epochs: { web: 1.5 } }, { generation: { number: 3, id: '' } }];

for (const text of [...DAMAGED, ...WITHOUT, ...WRONG.map((part) => JSON.stringify({ ...MARK, ...part }))]) {
  test(`parseMark refuses ${text || 'nothing'}`, () => {
    assert.equal(parseMark(text).ok, false);
  });
}

/** What a state that went back may still raise: whatever of it is higher, within the same generation. */
function onlyHigher(seen: typeof MARK | (typeof CASES)[number]['seen']): object {
  const isSame = seen.generation.number === MARK.generation.number && seen.generation.id === MARK.generation.id;
  return isSame ? { revision: Math.max(MARK.revision, seen.revision) } : {};
}
