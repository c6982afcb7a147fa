// What every node driver must do, whatever carries its actions (S12, S13, S17, S18). Three lines run it for one more driver.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ActionContext, SteppedAction } from '../../src/ports/node-driver.ts';
import type { DriverBench } from '../support/driver-bench.ts';
import { contextAt, eventually, NEVER } from '../support/exec-bench.ts';

export type DriverUnderTest = Pick<DriverBench, Exclude<keyof DriverBench, 'directory'>>;

/** `open` makes a driver with a memory of its own. */
export function describeDriver(name: string, open: () => Promise<DriverUnderTest>): void {
  describe(`${name} driver: steps`, () => testSteps(open));
  describe(`${name} driver: memory`, () => testMemory(open));
  describe(`${name} driver: questions and fences`, () => testQuestions(open));
}

function act(bench: DriverUnderTest, action: SteppedAction, step: number, change: Partial<ActionContext> = {}) {
  const timeoutMs = bench.actions[action]?.timeoutMs ?? 10_000;
  return bench.driver.act(action, contextAt(step, change), { timeoutMs, signal: NEVER });
}

async function roleOf(bench: DriverUnderTest) {
  return (await bench.driver.status(contextAt(1), { signal: NEVER })).role;
}

function testSteps(open: () => Promise<DriverUnderTest>): void {
  test('runs once and knows the operation; an equal step is answered from the record', async () => {
    await using bench = await open();
    bench.actions.start = bench.script(
      'echo x >> ran; echo "$ONEUP_CLUSTER $ONEUP_NODE $ONEUP_STEP $ONEUP_ACTION $ONEUP_OP_ID"',
    );
    const first = await act(bench, 'start', 1);
    assert.deepEqual([first.kind, first.repeated, first.evidence.exitCode], ['done', false, 0], first.reason);
    assert.match(first.evidence.output, /^prod a 1 start op-1\n/m);
    const again = await act(bench, 'start', 1);
    assert.deepEqual([again.kind, again.repeated], ['done', true], again.reason);
    assert.match(again.evidence.output, /prod a 1 start/);
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('refuses every lower position, and an equal one for another action (S12)', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('echo start >> ran');
    bench.actions.stop = bench.script('echo stop >> ran');
    assert.equal((await act(bench, 'start', 5, { generation: 2, epoch: 2 })).kind, 'done');
    const lower = [
      await act(bench, 'stop', 4, { generation: 2, epoch: 2 }),
      await act(bench, 'stop', 9, { generation: 2, epoch: 1 }),
      await act(bench, 'stop', 9, { generation: 1, epoch: 9 }),
      await act(bench, 'stop', 5, { generation: 2, epoch: 2 }),
    ];
    for (const { kind, reason } of lower) assert.equal(kind, 'refused', reason);
    assert.match(lower[0]?.reason ?? '', /S12/);
    assert.equal((await act(bench, 'stop', 1, { generation: 3, epoch: 1 })).kind, 'done');
    assert.equal(bench.read('ran'), 'start\nstop\n');
  });

  test('a failing script is failed, one that ignores SIGTERM is killed at its deadline, and both are remembered', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('echo no; exit 3');
    const failed = await act(bench, 'start', 1);
    assert.deepEqual([failed.kind, failed.evidence.exitCode], ['failed', 3], failed.reason);
    bench.actions.start = bench.script('trap "" TERM; echo $$ > pid; while :; do sleep 0.2; done', 3_000);
    const late = await act(bench, 'start', 2);
    assert.equal(late.kind, 'timeout', late.reason);
    assert.throws(() => process.kill(Number(bench.read('pid')), 0), /ESRCH/);
    assert.deepEqual([(await act(bench, 'start', 2)).kind, await roleOf(bench)], ['timeout', 'unknown']);
  });

  test('the same step asked for twice at once runs once and answers both', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('echo x >> ran; sleep 1; echo ready');
    const answers = await Promise.all([act(bench, 'start', 1), act(bench, 'start', 1), act(bench, 'start', 1)]);
    for (const { kind, reason } of answers) assert.equal(kind, 'done', reason);
    assert.equal(answers.filter(({ repeated }) => repeated).length, 2);
    assert.equal(bench.read('ran'), 'x\n');
  });

  test('a higher step ends the script of a lower one before it begins', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('echo $$ > pid; sleep 60; echo late >> ran', 30_000);
    bench.actions.stop = bench.script('kill -0 "$(cat pid)" 2> /dev/null && echo both >> ran; echo stopped');
    const starting = act(bench, 'start', 1);
    await eventually(() => bench.exists('pid') && bench.read('pid') !== '', 'the script runs');
    const stopped = await act(bench, 'stop', 2);
    assert.deepEqual([stopped.kind, bench.exists('ran')], ['done', false], stopped.reason);
    assert.notEqual((await starting).kind, 'done');
    assert.equal(await roleOf(bench), 'stopped');
  });

  test('without the right to act nothing is started (S8)', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('echo x >> ran');
    bench.allow(-1);
    const late = await act(bench, 'start', 1);
    assert.equal(late.kind, 'killed', late.reason);
    bench.allow(60_000);
    const caller = AbortSignal.abort('enough');
    const context = contextAt(2);
    assert.equal((await bench.driver.act('start', context, { timeoutMs: 1_000, signal: caller })).kind, 'killed');
    assert.equal(bench.exists('ran'), false);
  });

  test('keeps the end of an output of any length, without secrets', async () => {
    await using bench = await open();
    bench.actions.start = bench.script(
      'head -c 30000000 /dev/zero | tr "\\0" x; echo; echo swordfish-0123456789; echo END',
      60_000,
    );
    const { kind, reason, evidence } = await act(bench, 'start', 1);
    assert.equal(kind, 'done', reason);
    assert.ok(Buffer.byteLength(evidence.output) <= 4_096);
    assert.match(evidence.output, /\*\*\*\nEND\n$/);
  });

  test('a service that is left behind keeps nobody waiting and lives on', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('sleep 20 & echo $! > pid; echo up');
    const { kind, reason } = await act(bench, 'start', 1);
    assert.equal(kind, 'done', reason);
    const pid = Number(bench.read('pid'));
    assert.ok(process.kill(pid, 0));
    assert.equal((await act(bench, 'start', 1)).repeated, true);
    process.kill(pid, 'SIGKILL');
  });

  test('an action that is not configured is failed, and so is any of a node that is not there', async () => {
    await using bench = await open();
    assert.equal((await act(bench, 'stop', 1)).kind, 'failed');
    assert.equal((await act(bench, 'stop', 1, { node: 'nowhere' })).kind, 'failed');
  });
}

function testMemory(open: () => Promise<DriverUnderTest>): void {
  test('status remembers what start, stop and adoption left, and asking changes nothing (S11, S13)', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('true');
    bench.actions.stop = bench.script('true');
    bench.actions.sync = bench.script('exit 1');
    assert.equal(await roleOf(bench), 'unknown');
    await act(bench, 'start', 1);
    const status = await bench.driver.status(contextAt(9), { signal: NEVER });
    assert.deepEqual([status.role, status.generation, status.epoch, status.step], ['active', 1, 1, 1], status.reason);
    assert.equal(status.lastResult?.kind, 'done');
    await act(bench, 'sync', 2);
    assert.equal(await roleOf(bench), 'active', 'a sync leaves the instance as it is');
    await act(bench, 'stop', 3);
    assert.equal(await roleOf(bench), 'stopped');
    assert.equal((await bench.driver.adopt(contextAt(4), { signal: NEVER })).kind, 'done');
    assert.equal(await roleOf(bench), 'active');
    assert.equal((await bench.driver.adopt(contextAt(4), { signal: NEVER })).repeated, true);
    assert.equal((await bench.driver.adopt(contextAt(3), { signal: NEVER })).kind, 'refused');
  });

  test('a start that runs is starting and cannot be adopted over (S11, S13)', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('touch running; while [ ! -e enough ]; do sleep 0.1; done', 30_000);
    const starting = act(bench, 'start', 1);
    await eventually(() => bench.exists('running'), 'the script runs');
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.deepEqual([status.role, status.running, status.lastResult], ['starting', true, null], status.reason);
    const adopted = await bench.driver.adopt(contextAt(2), { signal: NEVER });
    assert.equal(adopted.kind, 'failed', adopted.reason);
    assert.match(adopted.reason, /still runs/);
    bench.actions.drain = bench.script('touch enough');
    await act(bench, 'drain', 1, { service: 'other' });
    assert.equal((await starting).kind, 'done');
    assert.equal(await roleOf(bench), 'active');
  });
}

function testQuestions(open: () => Promise<DriverUnderTest>): void {
  test('the status action beats what is remembered; what cannot be used is unknown', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('true');
    await act(bench, 'start', 1);
    bench.actions.status = bench.script('echo some log line; echo standby; echo');
    const status = await bench.driver.status(contextAt(1), { signal: NEVER });
    assert.equal(status.role, 'standby', status.reason);
    assert.match(status.reason, /against the guard/);
    for (const bad of ['echo active; exit 1', 'echo running', 'true', 'sleep 60']) {
      bench.actions.status = bench.script(bad, 1_500);
      assert.equal(await roleOf(bench), 'unknown', bad);
    }
  });

  test('a precheck is a question whose exit code answers', async () => {
    await using bench = await open();
    bench.actions.precheck = bench.script('echo lag 3');
    const ask = () => bench.driver.precheck(contextAt(1), { timeoutMs: 20_000, signal: NEVER });
    const ready = await ask();
    assert.deepEqual([ready.kind, ready.reason], ['done', 'lag 3']);
    bench.actions.precheck = bench.script('exit 1');
    assert.equal((await ask()).kind, 'failed');
  });

  test('a fence level passes on its confirm query and fires once for each step (S18)', async () => {
    await using bench = await open();
    bench.actions.start = bench.script('true');
    const level = (act: string, query: string, timeoutMs: number) => ({
      act: bench.script(act, timeoutMs),
      confirm: { query: bench.script(query), offStates: ['off'], intervalMs: 100 },
    });
    bench.actions.fence = [level('echo x >> fired; exit 1', 'cat state 2> /dev/null || echo running', 4_000)];
    const fence = (step: number) => bench.driver.fence(contextAt(step), { level: 0, signal: NEVER });
    const running = await fence(1);
    assert.equal(running.kind, 'notOff', running.reason);
    bench.actions.fence = [level('echo x >> fired', 'echo y >> asked; [ -e off ] || exit 1; echo off', 60_000)];
    const passing = fence(2);
    await eventually(() => bench.exists('asked'), 'the query is asked');
    bench.actions.drain = bench.script('touch off');
    await act(bench, 'drain', 1, { service: 'other' });
    assert.equal((await passing).kind, 'off');
    assert.equal((await fence(2)).kind, 'off');
    assert.equal(bench.read('fired'), 'x\nx\n');
    assert.equal(await roleOf(bench), 'stopped');
    assert.equal((await fence(1)).kind, 'refused');
  });
}
