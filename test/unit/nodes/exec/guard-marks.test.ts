// A guard that begins anew accepts steps that it has refused before: it must be possible to see that it did (S4, S12).
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Guard } from '../../../../src/nodes/exec/guard.ts';
import { identifyProcess } from '../../../../src/nodes/exec/process-identity.ts';
import { highestGuardPosition, readGuardIdentity } from '../../../../src/nodes/exec/read-guard-marks.ts';
import { contextAt, type ExecBench, eventually, NEVER, openExecBench } from '../../../support/exec-bench.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'oneup-guard-'));
});
after(() => rmSync(folder, { recursive: true }));

function removeGuard(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}

function identity(path: string): string | null {
  const found = readGuardIdentity(path);
  assert.ok(found.ok, found.ok ? '' : found.error);
  return found.value;
}

describe('readGuardIdentity', () => {
  test('is null without a file, and asking creates none', () => {
    const path = join(folder, 'absent.db');
    assert.deepEqual([identity(path), existsSync(path)], [null, false]);
    assert.deepEqual(highestGuardPosition(path), { ok: true, value: null });
  });

  test('stays the same as long as the file does, and is another one in every new file', () => {
    const path = join(folder, 'identity.db');
    new Guard(path)[Symbol.dispose]();
    const first = identity(path);
    using again = new Guard(path);
    assert.equal(again.identity, first);
    assert.equal(identity(path), first);
    assert.match(first ?? '', /^[0-9a-f-]{36}$/);
    const other = join(folder, 'other.db');
    new Guard(other)[Symbol.dispose]();
    assert.notEqual(identity(other), first);
  });

  test('a file that was deleted, or emptied, while nothing ran comes back as another one', () => {
    const path = join(folder, 'deleted.db');
    const seen = new Set<string | null>();
    for (const lose of [() => removeGuard(path), () => writeFileSync(path, ''), () => undefined]) {
      new Guard(path)[Symbol.dispose]();
      seen.add(identity(path));
      lose();
    }
    assert.equal(seen.size, 3);
  });

  test('a file that is no database is an error with code and remedy', () => {
    const path = join(folder, 'noise.db');
    writeFileSync(path, 'this is not a database, however long one looks at it'.repeat(100));
    for (const read of [readGuardIdentity(path), highestGuardPosition(path)]) {
      assert.ok(!read.ok);
      assert.match(read.error, /^ONEUP_GUARD_CORRUPT: .*; Put the file beside the store back/);
    }
  });
});

describe('highestGuardPosition', () => {
  test('holds the highest of each number, over all nodes and services', () => {
    const path = join(folder, 'highest.db');
    using guard = new Guard(path);
    assert.deepEqual(highestGuardPosition(path), { ok: true, value: null });
    const owner = identifyProcess(process.pid);
    assert.ok(owner !== null);
    const rows = [
      ['web', 'a', 2, 3, 40],
      ['web', 'b', 1, 9, 7],
      ['mail', 'a', 2, 1, 41],
    ] as const;
    for (const [service, node, generation, epoch, step] of rows) {
      const key = { cluster: 'prod', service, node };
      const claim = { claim: `${service}-${node}`, action: 'start', owner };
      guard.claim({ key, position: { generation, epoch, step, part: 0 }, ...claim });
    }
    assert.deepEqual(highestGuardPosition(path), { ok: true, value: { generation: 2, epoch: 9, step: 41 } });
  });
});

describe('exec driver, a guard that was exchanged', { concurrency: 4 }, () => {
  const start = (bench: ExecBench, step: number) =>
    bench.driver.act('start', contextAt(step), { timeoutMs: 60_000, signal: NEVER });

  test('a sound copy in the place of the file is refused by the open runner', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('echo ran >> runs');
    assert.equal((await start(bench, 5)).kind, 'done');
    copyFileSync(bench.guardPath, bench.path('backup.db'));
    renameSync(bench.path('backup.db'), bench.guardPath);
    const refused = await start(bench, 6);
    assert.equal(refused.kind, 'failed');
    assert.match(refused.reason, /^ONEUP_GUARD_LOST: .*deleted or replaced/);
    assert.equal(bench.read('runs'), 'ran\n');
  });

  test('a runner that takes the place of another does not begin with a guard that has forgotten', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('echo ran >> runs');
    assert.equal((await start(bench, 5)).kind, 'done');
    process.kill(bench.runner.pid() ?? 0, 'SIGKILL');
    await eventually(() => bench.runner.pid() === null, 'the runner is gone');
    removeGuard(bench.guardPath);
    for (const step of [1, 6]) {
      const refused = await start(bench, step);
      assert.equal(refused.kind, 'failed');
      assert.match(refused.reason, /^ONEUP_GUARD_LOST: .*deleted or replaced/);
    }
    assert.equal(bench.read('runs'), 'ran\n');
  });
});
