// What znodes hold: written and read again exactly, and refused by name when somebody else wrote it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { OneupError } from '../../../../src/base/oneup-error.ts';
import { readData, readSession, writeData, writeSession } from '../../../../src/store/zookeeper/data-record.ts';
import { type LogRecord, readLog, writeLog, writeLogRef } from '../../../../src/store/zookeeper/log-record.ts';
import { escapeName, revisionOf, unescapeName, znodePaths } from '../../../../src/store/zookeeper/znode-paths.ts';

const RUNS = 2_000;
const NAME = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});
const TEXT = fc.string({ unit: 'grapheme' }).map((text) => text.toWellFormed());
const COUNT = fc.nat();
const SESSION = fc.option(fc.record({ id: NAME, incarnation: COUNT }));
const BLOB = fc.constant({ id: '0b8f2a5e-7f0f-4a63-9a4e-0a4f5f3f2b11', chunks: 2, bytes: 300_000 });
const VALUE = fc.oneof(TEXT, BLOB);
const WRITE = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), key: NAME, session: SESSION, value: VALUE }),
  fc.record({ kind: fc.constant('delete' as const), key: NAME }),
);
const NAMED = fc.record({ id: NAME, incarnation: COUNT });
const CHANGE = fc.oneof(
  fc.record({ kind: fc.constant('born' as const), id: NAME, ttlMs: COUNT }),
  fc.record({ kind: fc.constant('beat' as const), name: NAMED }),
  fc.record({ kind: fc.constant('ended' as const), name: NAMED, leftFrom: fc.option(NAME) }),
);
const RECORD: fc.Arbitrary<LogRecord> = fc.record({
  token: fc.option(TEXT),
  writes: fc.array(WRITE),
  session: fc.option(CHANGE),
  swept: fc.array(NAME),
  frees: fc.array(BLOB),
  logFrom: COUNT,
});

describe('znodes', () => {
  test('every key has a path of one level of its own, and is found again', () => {
    fc.assert(
      fc.property(NAME, NAME, (a, b) => {
        const escaped = escapeName(a);
        assert.ok(!escaped.includes('/') && escaped !== '.' && escaped !== '..');
        assert.equal(unescapeName(escaped), a);
        if (a !== b) assert.notEqual(escaped, escapeName(b));
      }),
      { numRuns: RUNS },
    );
    assert.equal(escapeName('..'), '%2E%2E');
    assert.equal(escapeName('/a.b/%'), '%2Fa.b%2F%25');
    for (const strange of ['%', '%2f', 'a%41', '%2', '..']) assert.equal(unescapeName(strange), null, strange);
  });

  test('revisions sort by name', () => {
    const { logOf } = znodePaths('c');
    assert.ok(logOf(9) < logOf(10) && logOf(10) < logOf(Number.MAX_SAFE_INTEGER));
    assert.equal(revisionOf(logOf(42).split('/').at(-1) ?? ''), 42);
    for (const strange of ['42', '', 'x'.repeat(16), '9'.repeat(16)]) assert.equal(revisionOf(strange), null);
  });

  test('records are read as they were written', () => {
    fc.assert(
      fc.property(COUNT, SESSION, VALUE, RECORD, (version, session, value, record) => {
        const data = plain({ version, session, value });
        assert.deepEqual(readData(writeData(data), '/d'), data);
        assert.deepEqual(readLog(writeLog(record), '/l'), plain(record));
      }),
      { numRuns: RUNS },
    );
    const row = { id: 's', incarnation: 3, beat: 4, ttlMs: 600 };
    assert.deepEqual(readSession(writeSession(row), '/s'), row);
    const blob = { id: '0b8f2a5e-7f0f-4a63-9a4e-0a4f5f3f2b11', chunks: 1, bytes: 5 };
    assert.deepEqual(readLog(writeLogRef(blob), '/l'), blob);
  });

  test('what is no record is ONEUP_STORE_CORRUPT, and names its path', () => {
    const strange = [
      '',
      '\n',
      'null',
      '[]\n',
      '{}\n1',
      '{"version":-1,"session":null}\n',
      '{"version":1,"session":{"id":1}}\n',
      '{"version":1,"session":null,"blob":{"id":"../..","chunks":1,"bytes":1}}\n',
      '{"version":1,"session":null,"blob":{"id":"0b8f2a5e-7f0f-4a63-9a4e-0a4f5f3f2b11","chunks":9,"bytes":1}}\n',
      '\xff\xfe',
    ];
    for (const text of strange) {
      for (const read of [readData, readLog, readSession]) {
        assert.throws(() => read(Buffer.from(text, 'latin1'), '/here'), {
          code: 'ONEUP_STORE_CORRUPT',
          message: /\/here/,
        });
      }
    }
  });

  test('no bytes make a reader throw anything but an OneupError', () => {
    const jsonLike = fc.json().map((text) => Buffer.from(`${text}\n`));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), jsonLike), (bytes) => {
        for (const read of [readData, readLog, readSession]) {
          try {
            read(Buffer.from(bytes), '/here');
          } catch (error) {
            assert.ok(error instanceof OneupError, String(error));
          }
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** Without the prototypes that fast-check varies. */
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
