// What run-if-active reads: the state that an agent wrote, through a real file, and its own command line. Anything odd is a reason.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openStateFile } from '../../../src/agent/state-file.ts';
import { readNodeState } from '../../../src/job/read-node-state.ts';
import { parseRunOptions } from '../../../src/job/run-options.ts';
import { eventually } from '../../support/keeper-bench.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'oneup-job-'));
after(() => rmSync(FOLDER, { recursive: true, force: true }));

const WEB = { node: 'a', epoch: 1, role: 'active', activeUntilBootMs: 9, renewedBootMs: 1, renewEveryMs: 2 } as const;
const GOOD = { format: 1, cluster: 'c', bootId: 'x', writtenBootMs: 1, services: { web: WEB } };

function reasonFor(text: string | Buffer): string | null {
  const path = join(FOLDER, 'read.json');
  writeFileSync(path, text);
  const state = readNodeState(path);
  return state.ok ? null : state.error;
}

describe('the state file', () => {
  test('what the agent wrote last is what is read, whatever its umask is', async () => {
    const path = join(FOLDER, 'state.json');
    const options = { path, cluster: 'c', bootId: 'x', bootMs: () => 5, onFault: assert.ifError };
    const publish = openStateFile(options);
    const umask = process.umask(0o077);
    for (let epoch = 1; epoch <= 100; epoch += 1) publish({ web: { ...WEB, epoch } });
    await eventually(() => statSync(path, { throwIfNoEntry: false }) !== undefined, 'the file');
    await eventually(() => readFileSync(path, 'utf8').includes('"epoch":100'), 'the last state');
    process.umask(umask);
    assert.equal(statSync(path).mode & 0o777, 0o644);
    const state = readNodeState(path);
    assert.deepEqual(state.ok && state.value.services, { web: { ...WEB, epoch: 100 } });
  });

  test('a disk that fails is told once, and is written to again', async () => {
    const folder = join(FOLDER, 'gone');
    const path = join(folder, 'state.json');
    const faults: unknown[] = [];
    const publish = openStateFile({ path, cluster: 'c', bootId: 'x', bootMs: () => 5, onFault: (e) => faults.push(e) });
    for (let times = 0; times < 3; times += 1) {
      publish({});
      await eventually(() => faults.length === 1, 'the fault');
    }
    mkdirSync(folder);
    await eventually(() => {
      publish({});
      return statSync(path, { throwIfNoEntry: false }) !== undefined;
    }, 'the file');
    assert.equal(faults.length, 1);
  });

  test('what is no state is refused with a reason', () => {
    assert.equal(reasonFor(JSON.stringify(GOOD)), null);
    for (const text of ['', '{', 'null', '[]', '{"format":1}', '\0\0', Buffer.from([0xff, 0xfe])])
      assert.match(reasonFor(text) ?? '', /damaged|another version/, String(text));
    assert.match(reasonFor(JSON.stringify({ ...GOOD, format: 2 })) ?? '', /another version/);
    for (const change of [
      { bootId: 1 },
      { services: [] },
      { services: { web: null } },
      { services: { web: { ...WEB, epoch: '1' } } },
      { services: { web: { ...WEB, activeUntilBootMs: 'soon' } } },
      { services: { web: { ...WEB, activeUntilBootMs: undefined } } },
    ])
      assert.match(reasonFor(JSON.stringify({ ...GOOD, ...change })) ?? '', /damaged/, JSON.stringify(change));
    assert.match(reasonFor(`${JSON.stringify(GOOD)}${' '.repeat(1_024 * 1_024)}`) ?? '', /too large/);
  });

  test('what is no file is refused at once', () => {
    const pipe = join(FOLDER, 'pipe');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    for (const [path, reason] of [
      [join(FOLDER, 'nowhere'), /no state file/],
      [FOLDER, /is no file/],
      [pipe, /is no file/],
    ] as const) {
      const state = readNodeState(path);
      assert.match(state.ok ? '' : state.error, reason);
    }
  });

  test('a file that may not be read is refused', (t) => {
    if (process.getuid?.() === 0) return t.skip('root may read everything');
    const path = join(FOLDER, 'closed.json');
    writeFileSync(path, JSON.stringify(GOOD));
    chmodSync(path, 0);
    assert.match(JSON.stringify(readNodeState(path)), /EACCES/);
  });
});

describe('parseRunOptions', () => {
  test('takes the command as it is written', () => {
    const argv = ['sh', '-c', 'x  y\n', '', '--', '--state', '$HOME'];
    const options = parseRunOptions(['--quiet', 'web', '--else-exit', '0', '--max-state-age', '1m', '--', ...argv]);
    const expected = { service: 'web', argv, statePath: '/var/lib/oneup-agent/state.json', maxAgeMs: 60_000 };
    const switches = { allowsStarting: false, killsOnLoss: false, elseExit: 0, needsKeeper: true, isQuiet: true };
    assert.deepEqual(options, { ...expected, ...switches, timeoutMs: null, resultPath: null });
    const some = ['--no-keeper', '--kill-on-loss', '--state=/s', '--timeout=90s', '--result', '/r'];
    const other = parseRunOptions([...some, 'web', '--', 'x']) ?? assert.fail();
    const { needsKeeper, killsOnLoss, statePath, elseExit, maxAgeMs, timeoutMs, resultPath } = other;
    assert.deepEqual([needsKeeper, killsOnLoss, statePath, elseExit, maxAgeMs], [false, true, '/s', 10, null]);
    assert.deepEqual([timeoutMs, resultPath], [90_000, '/r']);
    assert.equal(parseRunOptions(['--help']), null);
  });

  for (const args of [
    [],
    ['web'],
    ['web', '--'],
    ['web', '--', ''],
    ['--', 'true'],
    ['web', 'true'],
    ['web', 'true', '--', 'true'],
    ['--nope', 'web', '--', 'true'],
    ['--else-exit', '256', 'web', '--', 'true'],
    ['--else-exit', '-1', 'web', '--', 'true'],
    ['--else-exit', 'x', 'web', '--', 'true'],
    ['--max-state-age', '10', 'web', '--', 'true'],
    ['--state', '--quiet', 'web', '--', 'true'],
    ['--timeout', '0s', 'web', '--', 'true'],
    ['--timeout', '30d', 'web', '--', 'true'],
    ['--timeout', 'x', 'web', '--', 'true'],
  ]) {
    test(`refuses ${JSON.stringify(args)}`, () => {
      assert.throws(() => parseRunOptions(args), { code: 'ONEUP_USAGE', message: /^Cannot run the command: / });
    });
  }
});
