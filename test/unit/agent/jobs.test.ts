// When a job of an agent runs, and when it does not: never where the node is not known to be active, never beside its last run, and
// never twice for one time. What is left out is told.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createJobCalendar } from '../../../src/agent/job-calendar.ts';
import { JobsBench } from '../../support/jobs-bench.ts';

describe('jobs', () => {
  test('run at their times while the node is active, with what they need to know', async () => {
    await using bench = new JobsBench();
    bench.start();
    await bench.minutes(25);
    assert.deepEqual(bench.begun(), ['00:10:00', '00:20:00']);
    const [first] = bench.started;
    assert.deepEqual(first?.env, {
      PATH: '/bin',
      ONEUP_JOB: 'report',
      ONEUP_SCHEDULED_AT: '2027-03-01T00:10:00.000Z',
    });
    const late = (first?.atWallMs ?? 0) - Date.UTC(2027, 2, 1, 0, 10);
    assert.ok(late >= 0 && late < 1_100, `begun ${late} ms after its time`);
    assert.equal(bench.record().lastRun?.kind, 'ended');
    assert.equal(bench.record().running, null);
  });

  for (const role of ['standby', 'stopped', 'starting', 'stopping'] as const)
    test(`do not run where the node is ${role}, and that is nothing to report`, async () => {
      await using bench = new JobsBench();
      bench.say({ role });
      bench.start();
      await bench.minutes(25);
      assert.deepEqual([bench.begun(), bench.record().lastSkip, bench.record().missed], [[], null, null]);
    });

  for (const [name, state] of [
    ['the agent has heard nothing', null],
    ['the role is unknown', { role: 'unknown' }],
  ] as const)
    test(`do not run while ${name}, and say so`, async () => {
      await using bench = new JobsBench();
      bench.say(state);
      bench.start();
      await bench.minutes(15);
      assert.deepEqual(bench.begun(), []);
      assert.match(bench.record().lastSkip?.reason ?? '', /not known|heard nothing/);
    });

  test('leave out a time at which the last run still goes on', async () => {
    await using bench = new JobsBench();
    bench.isQuick = false;
    bench.start();
    await bench.minutes(25);
    assert.deepEqual(bench.begun(), ['00:10:00']);
    assert.equal(bench.record().lastSkip?.reason, 'the last run still goes on');
    await bench.end();
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), ['00:10:00', '00:30:00']);
  });

  test('know after a restart of the agent that a run goes on', async () => {
    await using bench = new JobsBench();
    bench.isQuick = false;
    bench.start();
    await bench.minutes(11);
    await bench.stop();
    bench.running.length = 0;
    bench.start();
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), ['00:10:00']);
    assert.equal(bench.record().lastSkip?.reason, 'the last run still goes on');
    await bench.end({ kind: 'lost', code: 137, reason: 'this node is stopping' });
    assert.deepEqual([bench.record().lastRun?.kind, bench.record().running], ['lost', null]);
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), ['00:10:00', '00:30:00']);
  });

  test('that were refused at the last moment were not run', async () => {
    await using bench = new JobsBench();
    bench.isQuick = false;
    bench.start();
    await bench.minutes(11);
    await bench.end({ kind: 'refused', code: 10, reason: 'its lease ends within a second, or has ended' });
    assert.deepEqual([bench.record().lastRun, bench.record().running], [null, null]);
    assert.match(bench.record().lastSkip?.reason ?? '', /its lease ends/);
  });

  test('that cannot be written down are not run', async () => {
    await using bench = new JobsBench();
    bench.start();
    await bench.minutes(5);
    bench.isDiskFull = true;
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), []);
    bench.isDiskFull = false;
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), ['00:20:00']);
  });

  test('of two services do not wait for each other', async () => {
    await using bench = new JobsBench();
    bench.isQuick = false;
    bench.start({}, { id: 'other', schedule: '*/15 * * * *' });
    await bench.minutes(16);
    assert.deepEqual(
      bench.started.map(({ id }) => id),
      ['report', 'other'],
    );
  });
});

describe('missed times', () => {
  test('are reported with their times, and not run', async () => {
    await using bench = new JobsBench();
    bench.start();
    await bench.minutes(5);
    bench.clock.suspend(30 * 60_000);
    await bench.minutes(1);
    assert.deepEqual(bench.begun(), []);
    const { missed } = bench.record();
    assert.deepEqual([missed?.count, missed?.outcome], [3, 'reported only']);
    assert.deepEqual(
      missed?.latestWallMs.map((at) => new Date(at).toISOString().slice(11, 16)),
      ['00:10', '00:20', '00:30'],
    );
    await bench.minutes(5);
    assert.deepEqual(bench.begun(), ['00:40:00']);
  });

  test('run once together, when the node was active all the time', async () => {
    await using bench = new JobsBench();
    bench.start({ missed: 'run-once' });
    await bench.minutes(5);
    bench.clock.suspend(30 * 60_000);
    await bench.minutes(3);
    assert.deepEqual(bench.begun(), ['00:30:00']);
    assert.equal(bench.started[0]?.env.ONEUP_MISSED, '3');
    assert.equal(bench.record().missed?.outcome, 'run once');
  });

  test('while the agent was down: run once after the first renewal, under the same epoch', async () => {
    await using bench = new JobsBench();
    bench.start({ missed: 'run-once' });
    await bench.minutes(5);
    await bench.stop();
    bench.clock.stall(10 * 60_000);
    bench.say(null);
    bench.start({ missed: 'run-once' });
    await bench.minutes(1);
    bench.say({ renewedBootMs: null });
    await bench.minutes(1);
    assert.deepEqual(bench.begun(), []);
    bench.say({});
    await bench.minutes(1);
    assert.deepEqual(bench.begun(), ['00:10:00']);
  });

  for (const [name, state, outcome, minutes] of [
    ['another epoch has begun', { epoch: 6 }, /its epoch is 6 now and was 4/, 1],
    ['the node is not active any more', { role: 'stopped' }, /this node is stopped/, 1],
    ['nothing is known for five minutes', null, /heard nothing/, 7],
  ] as const)
    test(`are not run once ${name}`, async () => {
      await using bench = new JobsBench();
      bench.start({ missed: 'run-once' });
      await bench.minutes(5);
      await bench.stop();
      bench.clock.stall(6 * 60_000);
      bench.say(state);
      bench.start({ missed: 'run-once' });
      await bench.minutes(minutes);
      assert.deepEqual(bench.begun(), []);
      assert.match(bench.record().missed?.outcome ?? '', outcome);
    });

  test('are nothing to report where the node was not active', async () => {
    await using bench = new JobsBench();
    bench.say({ role: 'stopped' });
    bench.start({ missed: 'run-once' });
    await bench.minutes(5);
    await bench.stop();
    bench.clock.stall(20 * 60_000);
    bench.say({});
    bench.start({ missed: 'run-once' });
    await bench.minutes(1);
    assert.deepEqual([bench.begun(), bench.record().missed], [[], null]);
  });

  test('of a pattern that was changed do not exist', async () => {
    await using bench = new JobsBench();
    bench.start({ missed: 'run-once' });
    await bench.minutes(5);
    await bench.stop();
    bench.clock.stall(20 * 60_000);
    bench.start({ missed: 'run-once', schedule: '*/2 * * * *' });
    await bench.clock.advance(10_000);
    assert.deepEqual([bench.begun(), bench.record().missed], [[], null]);
  });

  test('of a month are counted no further back than a day, and hold nothing up', async () => {
    await using bench = new JobsBench();
    bench.start({ schedule: '* * * * *' });
    await bench.minutes(5);
    const before = bench.started.length;
    bench.clock.suspend(30 * 86_400_000);
    await bench.minutes(2);
    assert.ok((bench.record().missed?.count ?? 0) <= 1_440);
    assert.equal(bench.record().missed?.latestWallMs.length, 10);
    assert.ok(bench.started.length - before >= 2);
  });
});

describe('the clock', () => {
  test('set back by an hour repeats nothing', async () => {
    await using bench = new JobsBench();
    bench.start();
    await bench.minutes(15);
    bench.clock.shiftWall(-3_600_000);
    await bench.minutes(50);
    assert.deepEqual(bench.begun(), ['00:10:00']);
    await bench.minutes(20);
    assert.deepEqual(bench.begun(), ['00:10:00', '00:20:00']);
  });

  test('set back by a day was wrong before, and counts from there', async () => {
    await using bench = new JobsBench();
    bench.start();
    await bench.minutes(15);
    bench.clock.shiftWall(-86_400_000);
    await bench.minutes(10);
    assert.deepEqual(bench.begun(), ['00:10:00', '00:20:00']);
  });
});

describe('a calendar', () => {
  const day = (schedule: string, timeZone: string, [year, month, date]: readonly [number, number, number]) => {
    const calendar = createJobCalendar({ schedule, timeZone });
    const from = Date.UTC(year, month - 1, date);
    const { times } = calendar.between(from - 1, from + 86_400_000 - 1);
    calendar.end();
    return times.map((at) => new Date(at).toISOString().slice(11, 16));
  };

  test('knows time zones, and names an hour that comes twice once', () => {
    assert.deepEqual(day('30 2 * * *', 'Europe/Berlin', [2026, 10, 24]), ['00:30']);
    assert.deepEqual(day('30 2 * * *', 'Europe/Berlin', [2026, 10, 25]), ['00:30']);
    assert.deepEqual(day('30 2 * * *', 'Europe/Berlin', [2026, 10, 26]), ['01:30']);
    assert.deepEqual(day('30 2 * * *', 'Europe/Berlin', [2026, 3, 29]), [], 'the clock leaves it out');
    assert.equal(day('*/30 * * * *', 'Europe/Berlin', [2026, 10, 25]).length, 48);
    assert.equal(day('45 1 * * *', 'Australia/Lord_Howe', [2026, 4, 4]).length, 1, 'half an hour comes twice');
  });

  test('has seconds where there are six fields', () => {
    const calendar = createJobCalendar({ schedule: '*/20 * * * * *', timeZone: 'UTC' });
    assert.deepEqual(calendar.between(0, 60_000), { times: [20_000, 40_000, 60_000], isCut: false });
    assert.deepEqual(calendar.between(20_000, 39_999), { times: [], isCut: false });
    assert.equal(calendar.between(0, 86_400_000).isCut, true);
    calendar.end();
  });
});
