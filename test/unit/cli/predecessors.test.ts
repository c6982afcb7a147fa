// Which processes of a prober are dead for certain: only those that have had the lock that this one has now (S37).
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { refuserIn } from '../../../src/base/claim-record.ts';
import { succeedPredecessors } from '../../../src/cli/predecessors.ts';
import { SILENT } from '../../support/prober-world.ts';

describe('predecessors', () => {
  test('are those that ended; who lives keeps its lock, and a damaged file says nothing of anybody', () => {
    using folder = temporary();
    const begin = (peer: string) => succeedPredecessors(folder.path, { peer, logger: SILENT });
    {
      using first = begin('p1/x');
      assert.deepEqual(first.ended, []);
      using double = begin('p1/double');
      assert.deepEqual(double.ended, [], 'nothing is known of one that lives');
    }
    {
      using second = begin('p1/y');
      assert.deepEqual(second.ended, ['p1/x'], 'the double was never written down');
    }
    for (let run = 0; run < 20; run += 1) begin(`p1/${run}`)[Symbol.dispose]();
    const names = JSON.parse(readFileSync(join(folder.path, 'claims.json'), 'utf8')) as string[];
    assert.deepEqual([names.length, names.at(-1)], [16, 'p1/19']);
    writeFileSync(join(folder.path, 'claims.json'), '{"p1":');
    using after = begin('p1/z');
    assert.deepEqual(after.ended, []);
  });

  test('refuse every claim; who lives refuses up to what it has promised', () => {
    const record = { peer: 'p1/y', generation: 1, refusesUpTo: 4, ended: ['p1/x'] };
    assert.equal(refuserIn(record, ['p1/y', 'p2/a'], { generation: 1, epoch: 4 }), 'p1/y');
    assert.equal(refuserIn(record, ['p1/y', 'p2/a'], { generation: 1, epoch: 5 }), null);
    assert.equal(refuserIn(record, ['p1/x', 'p2/a'], { generation: 1, epoch: 5 }), 'p1/x');
    assert.equal(refuserIn(record, ['p1/y'], { generation: 2, epoch: 4 }), null, 'another generation counts anew');
    assert.equal(refuserIn({ ...record, generation: null }, ['p1/y'], { generation: 1, epoch: 4 }), null);
    assert.equal(refuserIn(record, ['p2/a'], { generation: 1, epoch: 4 }), null);
  });
});

function temporary() {
  const path = mkdtempSync(join(tmpdir(), 'oneup-peers-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
