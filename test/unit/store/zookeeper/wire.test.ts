// The wire of ZooKeeper: what is written is read again, and no bytes at all make the parser do anything but say so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameSplitter } from '../../../../src/store/zookeeper/frame-splitter.ts';
import { readEventPath, readOpened, readReplyHeader } from '../../../../src/store/zookeeper/greeting.ts';
import { JuteError } from '../../../../src/store/zookeeper/jute-error.ts';
import { JuteReader } from '../../../../src/store/zookeeper/jute-reader.ts';
import { JuteWriter } from '../../../../src/store/zookeeper/jute-writer.ts';
import { exists, getChildren, getData, multi, single, sync } from '../../../../src/store/zookeeper/questions.ts';

const RUNS = 2_000;
const INT = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const LONG = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const TEXT = fc.string({ unit: 'grapheme', maxLength: 200 });
const BYTES = fc.uint8Array({ maxLength: 300 });
const OWNER = { scheme: 'world', id: 'anyone' };
const CHANGES = [
  { kind: 'create', path: '/a', data: Buffer.from('1'), owner: OWNER },
  { kind: 'setData', path: '/a', data: Buffer.from('2'), version: 3 },
  { kind: 'check', path: '/a', version: -1 },
  { kind: 'delete', path: '/a', version: -1 },
] as const;

const READ_MULTI = multi(CHANGES).read;

/** Every way in which a frame from outside is read. */
const READERS: readonly ((from: JuteReader) => unknown)[] = [
  readOpened,
  readReplyHeader,
  readEventPath,
  sync('/a').read,
  exists('/a').read,
  getData('/a').read,
  getChildren('/a').read,
  READ_MULTI,
  ...CHANGES.map((change) => single(change).read),
];

describe('wire of ZooKeeper', () => {
  test('what JuteWriter writes JuteReader reads', () => {
    fc.assert(
      fc.property(INT, LONG, fc.boolean(), TEXT, BYTES, (int, long, boolean, text, bytes) => {
        const written = new JuteWriter().int(int).long(long).boolean(boolean).text(text).bytes(bytes).bytes(null);
        const from = new JuteReader(written.finish());
        assert.equal(from.int(), int);
        assert.equal(from.long(), long);
        assert.equal(from.boolean(), boolean);
        assert.equal(from.text(), text.toWellFormed());
        assert.deepEqual(new Uint8Array(from.bytes()), new Uint8Array(bytes));
        assert.equal(from.bytes().length, 0);
        from.end();
      }),
    );
  });

  test('no bytes make a reader throw anything but a JuteError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(READERS.length - 1), (bytes, which) => {
        assertReadsOrRefuses(Buffer.from(bytes), which);
      }),
      { numRuns: RUNS * 5 },
    );
  });

  test('no change of a true answer makes a reader throw anything but a JuteError', () => {
    const answer = answerToMulti();
    const which = READERS.indexOf(READ_MULTI);
    fc.assert(
      fc.property(fc.nat(answer.length - 1), fc.nat(255), fc.nat(answer.length), (at, value, length) => {
        const changed = Buffer.from(answer);
        changed[at] = value;
        assertReadsOrRefuses(changed.subarray(0, length), which);
        assertReadsOrRefuses(changed, which);
      }),
      { numRuns: RUNS },
    );
  });

  test('a multi tells which change failed, and never takes a failure for a success', () => {
    const read = (codes: readonly number[]) => {
      const to = new JuteWriter();
      for (const code of codes) to.int(-1).boolean(false).int(code).int(code);
      return multi(CHANGES).read(new JuteReader(to.int(-1).boolean(true).int(-1).finish()));
    };
    assert.deepEqual(read([0, -103, -2, -2]), { failed: { at: 1, code: -103 } });
    assert.deepEqual(read([-110, -2, -2, -2]), { failed: { at: 0, code: -110 } });
    assert.notEqual(read([0, 0, 0, 0]).failed, null);
    assert.throws(() => read([0, 0, 0]), JuteError);
    assert.throws(() => read([0, 0, 0, 0, 0]), JuteError);
    assert.deepEqual(multi(CHANGES).read(new JuteReader(answerToMulti())), { failed: null });
  });

  test('FrameSplitter finds the same frames however they are cut', () => {
    fc.assert(
      fc.property(fc.array(BYTES, { maxLength: 8 }), fc.array(fc.nat(40), { maxLength: 60 }), (contents, cuts) => {
        const stream = Buffer.concat(contents.map((content) => new JuteWriter().bytes(content).finish()));
        const splitter = new FrameSplitter();
        const found: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          found.push(...splitter.push(stream.subarray(at, at + cut)));
          at += cut;
        }
        found.push(...splitter.push(stream.subarray(at)));
        assert.deepEqual(
          found.map(String),
          contents.map((content) => String(Buffer.from(content))),
        );
      }),
      { numRuns: RUNS },
    );
  });

  test('FrameSplitter refuses a length that cannot be, before any of it has come', () => {
    for (const length of [-1, 1_001, 0x48545450]) {
      const prefix = Buffer.alloc(4);
      prefix.writeInt32BE(length);
      assert.throws(() => new FrameSplitter(1_000).push(prefix), JuteError);
    }
  });

  test('no stream makes FrameSplitter throw anything but a JuteError', () => {
    fc.assert(
      fc.property(fc.array(BYTES, { maxLength: 10 }), (chunks) => {
        const splitter = new FrameSplitter(256);
        try {
          for (const chunk of chunks) splitter.push(Buffer.from(chunk));
        } catch (error) {
          assert.ok(error instanceof JuteError, String(error));
        }
      }),
      { numRuns: RUNS },
    );
  });
});

function assertReadsOrRefuses(bytes: Buffer, which: number): void {
  try {
    READERS[which]?.(new JuteReader(bytes));
  } catch (error) {
    assert.ok(error instanceof JuteError, String(error));
  }
}

/** As a server answers when every change was made. */
function answerToMulti(): Buffer {
  const to = new JuteWriter();
  to.int(1).boolean(false).int(0).text('/a');
  to.int(5).boolean(false).int(0);
  for (let long = 0; long < 4; long += 1) to.long(1n);
  to.int(1).int(0).int(0).long(0n).int(1).int(0).long(1n);
  to.int(13).boolean(false).int(0);
  to.int(2).boolean(false).int(0);
  return to.int(-1).boolean(true).int(-1).finish();
}
