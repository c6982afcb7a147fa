// Entries in key order, against a map that is sorted anew each time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, constantFrom, assert as holds, property, record, tuple } from 'fast-check';
import type { StoreEntry } from '../../../src/ports/store.ts';
import { SortedEntries } from '../../../src/store/sorted-entries.ts';

const entry = (key: string, version = 1): StoreEntry => ({ key, value: '{}', version, sessionId: null });
const keys = constantFrom('/a/', '/a/b', '/a/b/c', '/a/bc', '/a/b/', '/b', '/', '/aa', '/a/é', '/a/￿');

test('lists what a plain map holds under every prefix, after any changes', () => {
  const changes = array(record({ key: keys, kind: constantFrom('set', 'set', 'delete'), version: constantFrom(1, 2) }));
  holds(
    property(tuple(array(keys), changes), ([first, rest]) => {
      const sorted = new SortedEntries();
      sorted.set(entry('/gone'));
      sorted.replace(first.map((key) => entry(key)));
      const plain = new Map(first.map((key) => [key, entry(key)]));
      for (const { kind, key, version } of rest) {
        if (kind === 'set') {
          sorted.set(entry(key, version));
          plain.set(key, entry(key, version));
        } else {
          sorted.delete(key);
          plain.delete(key);
        }
      }
      for (const prefix of ['', '/a/', '/a/b', '/x', '/a/é', '/gone']) {
        const expected = [...plain.values()]
          .filter(({ key }) => key.startsWith(prefix))
          .sort((one, other) => (one.key < other.key ? -1 : 1));
        assert.deepEqual(sorted.list(prefix), expected);
      }
      assert.deepEqual(sorted.get('/a/b'), plain.get('/a/b'));
    }),
  );
});
