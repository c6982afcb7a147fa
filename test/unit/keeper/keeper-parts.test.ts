// The small parts of a keeper: lines, requests, which exits were told, log files that stay small, and the watchdog.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import { ExitBook } from '../../../src/keeper/exit-book.ts';
import { parseRequest } from '../../../src/keeper/parse-request.ts';
import { openLog, trimLog } from '../../../src/keeper/service-log.ts';
import { splitLines } from '../../../src/keeper/split-lines.ts';
import { openWatchdog } from '../../../src/keeper/watchdog.ts';
import type { KeeperHello, KeptService } from '../../../src/ports/keeper.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { eventually } from '../../support/keeper-bench.ts';

const GOOD_SPAWN = { kind: 'spawn', id: 1, service: 'web', epoch: 1, step: 1, argv: ['x'], cwd: null, env: { A: 'b' } };

describe('splitLines', () => {
  test('puts lines together from any chunks, and takes nothing after one that is too long', () => {
    const bytes = Buffer.from('one\n\nzwölf\nlast\n');
    for (let size = 1; size <= bytes.length; size += 1) {
      const lines: string[] = [];
      const take = splitLines(16, { onLine: (line) => lines.push(line), onTooLong: () => assert.fail('too long') });
      for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
      assert.deepEqual(lines, ['one', '', 'zwölf', 'last']);
    }
    const seen: string[] = [];
    const take = splitLines(4, { onLine: (line) => seen.push(line), onTooLong: () => seen.push('TOO LONG') });
    for (const chunk of ['1234\n12', '345', '\nmore\n']) take(Buffer.from(chunk));
    assert.deepEqual(seen, ['1234', 'TOO LONG']);
  });
});

describe('parseRequest', () => {
  test('takes what is right', () => {
    assert.ok(parseRequest(JSON.stringify(GOOD_SPAWN)).ok);
    assert.ok(parseRequest('{"kind":"hello","id":0}').ok);
  });

  for (const [field, value] of [
    ['service', 'web/../../x'],
    ['service', ''],
    ['epoch', -1],
    ['epoch', '1'],
    ['step', 0],
    ['step', 1.5],
    ['argv', []],
    ['argv', ['-x']],
    ['argv', ['a\0b']],
    ['argv', 'x'],
    ['cwd', 'relative'],
    ['env', []],
    ['env', { 'A=B': 'x' }],
    ['env', { A: 1 }],
  ] as const) {
    test(`refuses ${field} ${JSON.stringify(value)} and does not repeat values`, () => {
      const parsed = parseRequest(JSON.stringify({ ...GOOD_SPAWN, env: { A: 'hunter2' }, [field]: value }));
      assert.ok(!parsed.ok);
      assert.equal(parsed.error.id, 1);
      assert.match(parsed.error.reason, new RegExp(`^Cannot read request: ${field} is not `));
      assert.doesNotMatch(parsed.error.reason, /hunter2/);
    });
  }
});

describe('ExitBook', () => {
  const exit = { code: 1, signal: null, atBootMs: 500 };
  const kept: KeptService = {
    service: 'web',
    epoch: 1,
    step: 1,
    running: false,
    pid: null,
    deadlineBootMs: null,
    lastExit: exit,
  };
  const hello = (pid: number, services: readonly KeptService[], binds = true): KeeperHello => {
    return { pid, bootId: 'b', binds, watchdog: false, services };
  };

  test('tells each exit once, and one that nobody heard to the first who listens', () => {
    const book = new ExitBook();
    book.compare(hello(1, [kept]), 900);
    const heard: number[] = [];
    book.listen((_, { atBootMs }) => heard.push(atBootMs));
    book.tell('web', exit);
    book.compare(hello(1, [kept]), 900);
    book.tell('web', { ...exit, atBootMs: 600 });
    assert.deepEqual(heard, [500, 600]);
  });

  test('a service that ran under a keeper that is gone has been killed; unless nothing bound it', () => {
    for (const binds of [true, false]) {
      const book = new ExitBook();
      const heard: (string | null)[] = [];
      book.listen((_, { signal }) => heard.push(signal));
      book.compare(hello(1, [{ ...kept, running: true, lastExit: null }], binds), 900);
      book.compare(hello(2, [], binds), 950);
      book.compare(hello(2, [], binds), 960);
      assert.deepEqual(heard, binds ? ['SIGKILL'] : []);
    }
  });
});

describe('service log', () => {
  test('sets the end of a long file aside and goes on at its new beginning', async () => {
    using place = openPlace();
    const path = place.file('web.log');
    await using log = await openLog(path);
    await log.write('a'.repeat(50) + 'b'.repeat(100));
    assert.equal(await trimLog(path, 100), true);
    await log.write('next');
    assert.equal(readFileSync(`${path}.1`, 'utf8'), 'b'.repeat(100));
    assert.equal(readFileSync(path, 'utf8'), 'next');
    assert.equal(await trimLog(path, 100), false);
  });

  test('never writes through a link', async () => {
    using place = openPlace();
    writeFileSync(place.file('precious'), 'x');
    symlinkSync(place.file('precious'), place.file('web.log'));
    await assert.rejects(openLog(place.file('web.log')), { code: 'ELOOP' });
  });
});

describe('watchdog', () => {
  test('is written every second, and ends in order with V', async () => {
    using place = openPlace();
    const path = place.file('device');
    writeFileSync(path, '');
    const clock = createFakeClock();
    const watchdog = await openWatchdog({ clock, path, lateMs: () => 0, log: () => {} });
    const seconds = { count: 0 };
    await eventually(async () => {
      await clock.advance(1_000);
      seconds.count += 1;
      return readFileSync(path, 'latin1').length >= 3;
    }, 'three writes');
    assert.ok(readFileSync(path).length <= seconds.count + 1, 'one write a second at most');
    await watchdog.close();
    assert.match(readFileSync(path, 'latin1'), /^\0{3,}V$/);
  });

  test('is left alone for good once a service has outlived its deadline by a second, also at the end', async () => {
    using place = openPlace();
    const path = place.file('device');
    writeFileSync(path, '');
    const clock = createFakeClock();
    const late = { ms: 999 };
    const watchdog = await openWatchdog({ clock, path, lateMs: () => late.ms, log: () => {} });
    await eventually(() => readFileSync(path, 'latin1') === '\0', 'the first write');
    late.ms = 1_000;
    await clock.advance(1_000);
    late.ms = 0;
    await clock.advance(5_000);
    await settle();
    await watchdog.close();
    assert.equal(readFileSync(path, 'latin1'), '\0');
  });
});

function openPlace(): Disposable & { readonly file: (name: string) => string } {
  const directory = mkdtempSync(join(tmpdir(), 'oneup-keeper-'));
  return {
    file: (name) => join(directory, name),
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }),
  };
}
