// Fence levels pass on their confirm query and on nothing else (S18); status tells what is remembered from what is seen (S13).
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { ActionConfig } from '../../../../src/config/config.ts';
import { Guard } from '../../../../src/nodes/exec/guard.ts';
import { contextAt, type ExecBench, eventually, NEVER, openExecBench } from '../../../support/exec-bench.ts';

function ladder(bench: ExecBench, act: ActionConfig, query: ActionConfig | null): void {
  const confirm = query === null ? null : { query, offStates: ['stopped', 'terminated'], intervalMs: 50 };
  bench.actions.fence = [...bench.actions.fence, { act, confirm }];
}

function fence(bench: ExecBench, step: number, level = 0, signal = NEVER) {
  return bench.driver.fence(contextAt(step), { level, signal });
}

async function roleOf(bench: ExecBench) {
  return (await bench.driver.status(contextAt(1), { signal: NEVER })).role;
}

/** A runner on a busy machine is not given up for being slow. */
const PATIENT = { killMs: 30_000 };

describe('exec driver, fence', { concurrency: 4 }, () => {
  test('passes once the confirm query says off, asking until then (S18)', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    ladder(
      bench,
      bench.script('echo cutting power'),
      bench.script('echo x >> asked; [ $(wc -l < asked) -ge 3 ] && echo stopped || echo running'),
    );
    const result = await fence(bench, 1);
    assert.equal(result.kind, 'off');
    assert.equal(bench.read('asked'), 'x\n'.repeat(3));
    assert.match(result.evidence.output, /cutting power[\s\S]*stopped/);
    assert.equal(await roleOf(bench), 'stopped');
  });

  test('an act that succeeds proves nothing while the device says it runs', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('true', 300), bench.script('echo running'));
    const result = await fence(bench, 1);
    assert.equal(result.kind, 'notOff');
    assert.match(result.reason, /The fence device says "running"/);
    assert.equal(await roleOf(bench), 'unknown');
  });

  test('an act that fails is asked about all the same', async () => {
    await using bench = await openExecBench(PATIENT);
    ladder(bench, bench.script('exit 1', 300), bench.script('echo noise; echo; echo " terminated "; echo'));
    const { kind, reason } = await fence(bench, 1);
    assert.equal(kind, 'off', reason);
    bench.actions.fence = [];
    ladder(bench, bench.script('sleep 60', 300), bench.script('echo stopped'));
    const hanging = await fence(bench, 2);
    assert.equal(hanging.kind, 'off', hanging.reason);
  });

  test('a query that fails, hangs or says nothing is an error, and asking goes on', async () => {
    await using bench = await openExecBench();
    for (const query of ['echo stopped; exit 1', 'sleep 60', 'true', '(exec nothing-there)']) {
      bench.actions.fence = [];
      ladder(bench, bench.script('true', 200), bench.script(query, 100));
      assert.equal((await bench.driver.fenceStatus(contextAt(1), { level: 0, signal: NEVER })).kind, 'error', query);
    }
    bench.actions.fence = [];
    ladder(
      bench,
      bench.script('true'),
      bench.script('echo x >> asked; [ $(wc -l < asked) -ge 3 ] || exit 1; echo stopped'),
    );
    assert.equal((await fence(bench, 1)).kind, 'off');
  });

  test('a stopped state that only contains the word is not off', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('true', 100), bench.script('echo not stopped'));
    assert.equal((await fence(bench, 1)).kind, 'notOff');
  });

  test('the same step asks first and never fires twice', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('echo fired >> fired'), bench.script('echo stopped'));
    assert.equal((await fence(bench, 1)).kind, 'off');
    assert.equal((await fence(bench, 1)).kind, 'off');
    assert.equal(bench.read('fired'), 'fired\n');
    assert.equal((await fence(bench, 2)).kind, 'off');
    assert.equal(bench.read('fired'), 'fired\nfired\n');
  });

  test('a level that was cut off by the deadline passes later when the device says off, without firing again', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('echo fired >> fired; sleep 60'), bench.script('echo stopped'));
    const fencing = fence(bench, 1);
    await eventually(() => bench.exists('fired'), 'the level fires');
    bench.allow(-1);
    assert.equal((await fencing).kind, 'killed');
    bench.allow(60_000);
    assert.equal((await fence(bench, 1)).kind, 'off');
    assert.equal(bench.read('fired'), 'fired\n');
  });

  test('the next level of the same step fires too, an earlier one is refused after it', async () => {
    await using bench = await openExecBench();
    // Long enough for a busy machine to start a script.
    ladder(bench, bench.script('echo 0 >> fired', 3_000), bench.script('echo running'));
    ladder(bench, bench.script('echo 1 >> fired'), bench.script('echo stopped'));
    assert.equal((await fence(bench, 1, 0)).kind, 'notOff');
    assert.equal((await fence(bench, 1, 1)).kind, 'off');
    assert.equal(bench.read('fired'), '0\n1\n');
    assert.equal((await fence(bench, 1, 0)).kind, 'refused');
    assert.equal((await fence(bench, 1, 2)).kind, 'error');
  });

  test('confirmedByExit takes exit code 0 for proof, and nothing else', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('true'), null);
    ladder(bench, bench.script('exit 1'), null);
    ladder(bench, bench.script('sleep 60', 200), null);
    assert.equal((await fence(bench, 1, 0)).kind, 'off');
    assert.equal((await fence(bench, 1, 1)).kind, 'notOff');
    assert.notEqual((await fence(bench, 1, 2)).kind, 'off');
  });

  test('a lower step, a deadline in the past and a caller that gives up prove nothing', async () => {
    await using bench = await openExecBench();
    ladder(bench, bench.script('echo fired >> fired'), bench.script('echo running'));
    bench.actions.start = bench.script('true');
    await bench.driver.act('start', contextAt(5), { timeoutMs: 30_000, signal: NEVER });
    assert.equal((await fence(bench, 4)).kind, 'refused');
    const caller = new AbortController();
    const fencing = fence(bench, 6, 0, caller.signal);
    await eventually(() => bench.exists('fired'), 'the level fires');
    caller.abort();
    assert.equal((await fencing).kind, 'killed');
    bench.allow(-1);
    assert.equal((await fence(bench, 7)).kind, 'killed');
    assert.equal(bench.read('fired'), 'fired\n');
  });
});

describe('exec driver, status', { concurrency: 4 }, () => {
  test('remembers what start, stop and adoption left', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    bench.actions.stop = bench.script('true');
    bench.actions.sync = bench.script('exit 1');
    const act = (action: 'start' | 'stop' | 'sync', step: number) =>
      bench.driver.act(action, contextAt(step), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(await roleOf(bench), 'unknown');
    await act('start', 1);
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.deepEqual([status.role, status.generation, status.epoch, status.step], ['active', 1, 1, 1]);
    assert.equal(status.lastResult?.kind, 'done');
    await act('sync', 2);
    assert.equal(await roleOf(bench), 'active', 'a sync leaves the instance as it is');
    await act('stop', 3);
    assert.equal(await roleOf(bench), 'stopped');
    assert.equal((await bench.driver.adopt(contextAt(4), { signal: NEVER })).kind, 'done');
    assert.equal(await roleOf(bench), 'active');
    assert.equal((await bench.driver.adopt(contextAt(4), { signal: NEVER })).repeated, true);
    assert.equal((await bench.driver.adopt(contextAt(3), { signal: NEVER })).kind, 'refused');
  });

  test('a start that failed or was killed leaves an unknown role', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('exit 1');
    await bench.driver.act('start', contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    assert.equal(await roleOf(bench), 'unknown');
    bench.actions.start = bench.script('sleep 60');
    await bench.driver.act('start', contextAt(2), { timeoutMs: 200, signal: NEVER });
    assert.equal(await roleOf(bench), 'unknown');
  });

  test('a start script that runs is starting, for any prober that asks, and cannot be adopted over', async () => {
    await using bench = await openExecBench();
    await using other = await openExecBench({ guardPath: bench.guardPath });
    bench.actions.start = bench.script('touch running; while [ ! -e enough ]; do sleep 0.05; done', 30_000);
    const starting = bench.driver.act('start', contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    await eventually(() => bench.exists('running'), 'the script runs');
    other.actions.start = bench.actions.start;
    other.actions.status = other.script('echo stopped');
    const status = await other.driver.status(contextAt(1), { signal: NEVER });
    assert.deepEqual([status.role, status.running, status.lastResult], ['starting', true, null]);
    other.actions.status = other.script('echo active');
    assert.equal(await roleOf(other), 'active');
    const adopted = await other.driver.adopt(contextAt(2), { signal: NEVER });
    assert.equal(adopted.kind, 'failed');
    assert.match(adopted.reason, /still runs/);
    writeFileSync(bench.path('enough'), '');
    assert.equal((await starting).kind, 'done');
  });

  test('the status action beats what is remembered, and the reason says both', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    await bench.driver.act('start', contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    bench.actions.status = bench.script('echo some log line; echo standby; echo');
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.equal(status.role, 'standby');
    assert.match(status.reason, /The status action says standby, against the guard: The guard remembers it as active/);
    for (const bad of ['echo active; exit 1', 'echo running', 'true', 'sleep 60']) {
      bench.actions.status = bench.script(bad, 200);
      assert.equal(await roleOf(bench), 'unknown', bad);
    }
  });

  test('what was true before another boot says nothing', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    await bench.driver.act('start', contextAt(1), { timeoutMs: 30_000, signal: NEVER });
    const { DatabaseSync } = process.getBuiltinModule('node:sqlite');
    const db = new DatabaseSync(bench.guardPath);
    db.exec("UPDATE node_state SET boot_id = 'another'");
    db.close();
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.equal(status.role, 'unknown');
    assert.match(status.reason, /booted since/);
  });

  test('asking changes nothing and creates nothing', async () => {
    await using bench = await openExecBench();
    bench.actions.start = bench.script('true');
    await bench.driver.act('start', contextAt(3), { timeoutMs: 30_000, signal: NEVER });
    const read = () => {
      using guard = new Guard(bench.guardPath);
      return guard.read({ cluster: 'prod', service: 'web', node: 'a' });
    };
    const before = read();
    await bench.driver.status(contextAt(9), { signal: NEVER });
    await bench.driver.status(contextAt(9, { node: 'nowhere' }), { signal: NEVER });
    assert.deepEqual(read(), before);
  });
});
