// The watcher of the PostgreSQL pair itself: it says what is proven, however slow the answers were, and misses nothing that is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeName } from './support/cluster-files.ts';
import { overlapsOf, type PrimaryAnswer, reignsAnswered, reignsLogged } from './support/watch-primaries.ts';

test('two primaries are told from two moves that lie within slow answers', () => {
  const moved = [
    answer('a 1', 0, 100),
    answer('b 1', 90, 9_000),
    answer('a 2', 8_000, 9_500),
    answer('a 2', 9_600, 9_700),
  ];
  assert.deepEqual(overlapsOf(reignsAnswered(moved)), []);
  const both = [answer('a 1', 0, 100), answer('b 1', 200, 5_000), answer('a 1', 5_100, 5_200)];
  assert.equal(overlapsOf(reignsAnswered(both)).length, 1);
});

test('a reign ends with the last line of that start of a server', () => {
  const first = [
    'starting PostgreSQL 15',
    'database system is ready to accept connections',
    'database system is shut down',
  ];
  const second = ['starting PostgreSQL 15', 'database system is ready to accept read-only connections'];
  const log = [...first, ...second]
    .map((text, index) => `2026-01-02 03:04:0${index}.500 UTC [7] LOG:  ${text}\n`)
    .join('');
  const at = Date.parse('2026-01-02T03:04:00.500Z');
  const start = 'its log, ready at 03:04:01.500';
  assert.deepEqual(reignsLogged('a', log), [{ node: 'a', start, fromWallMs: at + 1_000, toWallMs: at + 2_000 }]);
  const other = { node: 'b', start: '1', fromWallMs: at + 1_900, toWallMs: at + 9_000 } as const;
  assert.equal(overlapsOf([...reignsLogged('a', log), other]).length, 1);
  assert.deepEqual(overlapsOf([...reignsLogged('a', log), { ...other, fromWallMs: at + 2_100 }]), []);
});

function answer(who: string, askedWallMs: number, answeredWallMs: number): PrimaryAnswer {
  const [node, start = ''] = who.split(' ');
  return { node: node as NodeName, start, askedWallMs, answeredWallMs };
}
