// The log of recent changes against one that keeps everything: a page holds all that came after its cursor, or says that it
// cannot know.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as holds, integer, property, tuple } from 'fast-check';
import { RecentChanges } from '../../../src/store/recent-changes.ts';
import { type Change, type ChangeCursor, SEQ_END } from '../../../src/store/store-backend.ts';

const put = (key: string, revision: number, value = '1'): Change => ({
  kind: 'put',
  revision,
  entry: { key, value, version: revision, sessionId: null },
});
const after = (revision: number): ChangeCursor => ({ revision, seq: SEQ_END });

function readAll(log: RecentChanges, prefix: string, from: ChangeCursor): readonly Change[] | 'trimmed' | 'ahead' {
  const found: Change[] = [];
  for (let cursor = from; ; ) {
    const page = log.page(prefix, cursor);
    if (page === null) return 'ahead';
    if (page.kind === 'trimmed') return 'trimmed';
    found.push(...page.changes);
    if (page.changes.length === 0) return found;
    cursor = page.next;
  }
}

test('a page has every change after its cursor, in order, or says that it was trimmed', () => {
  holds(
    property(tuple(integer({ min: 1, max: 30 }), integer({ min: 0, max: 60 })), ([revisionsMax, count]) => {
      const log = new RecentChanges({ head: 0, from: 0, revisionsMax });
      const all: Change[] = [];
      for (let revision = 1; revision <= count; revision += 1) {
        const changes = revision % 5 === 0 ? [] : [put('/a', revision), put('/b', revision)];
        log.append(revision, changes);
        all.push(...changes);
      }
      for (let from = 0; from <= count; from += 1) {
        const read = readAll(log, '/a', after(from));
        const expected = all.filter(
          (change) => change.revision > from && change.kind === 'put' && change.entry.key === '/a',
        );
        if (read !== 'trimmed') assert.deepEqual(read, expected, `after ${from}`);
        else assert.ok(count - from > revisionsMax / 2, `${from} of ${count} is forgotten too early`);
      }
      assert.equal(readAll(log, '/', after(count + 1)), 'ahead');
      assert.equal(readAll(log, '/', after(-1)), 'trimmed');
    }),
  );
});

test('many changes of one revision come in pages that lose none', () => {
  const log = new RecentChanges({ head: 0, from: 0, revisionsMax: 10 });
  log.append(
    1,
    Array.from({ length: 1_000 }, (_, index) => put(`/${index}`, 1)),
  );
  log.append(2, [put('/last', 2)]);
  const read = readAll(log, '/', after(0));
  assert.equal(read.length, 1_001);
});

test('a revision that is known is passed over; after a reset nothing older is claimed', () => {
  const log = new RecentChanges({ head: 5, from: 5, revisionsMax: 10 });
  log.append(6, [put('/a', 6)]);
  log.append(6, [put('/b', 6)]);
  assert.equal(readAll(log, '/', after(5)).length, 1);
  log.reset(9);
  assert.equal(readAll(log, '/', after(6)), 'trimmed');
  assert.deepEqual(readAll(log, '/', after(9)), []);
  assert.equal(log.head, 9);
});

test('large values do not pile up', () => {
  const log = new RecentChanges({ head: 0, from: 0, revisionsMax: 10_000 });
  const large = 'x'.repeat(1024 * 1024);
  for (let revision = 1; revision <= 200; revision += 1) log.append(revision, [put('/a', revision, large)]);
  assert.equal(readAll(log, '/', after(1)), 'trimmed');
  const read = readAll(log, '/', after(199));
  assert.equal(read.length, 1);
});
