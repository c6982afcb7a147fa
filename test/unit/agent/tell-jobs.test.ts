// What a report says of jobs: enough for people far away, and never more than the body of a report may hold.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JobRecord } from '../../../src/agent/job-record.ts';
import { tellJobs } from '../../../src/agent/tell-jobs.ts';
import { reportRequest } from '../../../src/api/agent-wire.ts';

const RECORD: JobRecord = {
  ...{ service: 'web', schedule: '0 * * * *', timeZone: 'UTC', lookedWallMs: 7, epoch: 4, running: null },
  ...{ lastRun: null, lastSkip: null, missed: null },
};
const RUN = { dueWallMs: 1, startedWallMs: 2, endedWallMs: 3, kind: 'ended', code: 0, reason: 'exit code 0' } as const;

describe('tellJobs', () => {
  test('by service, with the last run and what was left out, without what is for the node alone', () => {
    const missed = { count: 3, latestWallMs: [5, 6], outcome: 'reported only' };
    const skip = { dueWallMs: 4, reason: 'the last run still goes on' };
    const told = tellJobs(
      {
        note: { ...RECORD, lastRun: RUN, lastSkip: skip, missed },
        other: { ...RECORD, service: 'db', running: { dueWallMs: 1, startedWallMs: 2 } },
      },
      () => 60,
    );
    const { dueWallMs: _, ...run } = RUN;
    assert.deepEqual(told.get('web'), {
      unlisted: 0,
      listed: [
        {
          ...{ id: 'note', schedule: '0 * * * *', timeZone: 'UTC', epoch: 4, nextWallMs: 60, running: null },
          ...{ lastRun: run, lastSkip: skip, missed: { ...missed, latestWallMs: [6] } },
        },
      ],
    });
    assert.deepEqual(told.get('db')?.listed[0]?.running, { startedWallMs: 2 });
    assert.equal(told.get('nobody'), undefined);
  });

  test('a node that stands by has no next time, so it says nothing new every minute', () => {
    const told = tellJobs({ note: { ...RECORD, epoch: null } }, () => assert.fail('it is not asked'));
    assert.equal(told.get('web')?.listed[0]?.nextWallMs, null);
  });

  test('the most and the longest of them are taken by a prober, in one body', () => {
    const long = 'x'.repeat(10_000);
    const lastRun = { ...RUN, reason: long };
    const full = { lastRun, lastSkip: { dueWallMs: 1, reason: long } };
    const record = { ...RECORD, ...full, schedule: long, missed: { count: 9, latestWallMs: [1], outcome: long } };
    const ids = Array.from({ length: 64 }, (_, index) => `j${index}`.padEnd(63, 'x'));
    const jobs = tellJobs(Object.fromEntries(ids.map((id) => [id, record])), () => 1).get('web');
    assert.deepEqual([jobs?.listed.length, jobs?.unlisted], [32, 32]);
    const report = {
      ...{ service: 'web', node: 'a', agentRun: 'r1', generation: 1, epoch: 4, step: 9, role: 'active', running: true },
      ...{ lastResult: null, exited: null, enforced: 'keeper', jobs },
    };
    const body = { cluster: 'c', generation: null, report };
    assert.equal(reportRequest.safeParse(body).success, true);
    assert.ok(JSON.stringify(body).length < 40_000, 'with 16 KiB left for a result');
  });
});
