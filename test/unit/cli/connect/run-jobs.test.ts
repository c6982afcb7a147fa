// The tries end in time, whatever is tried: a few at once, each with its own end, all of them within one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Job, runJobs } from '../../../../src/cli/connect/run-jobs.ts';
import { createSystemClock } from '../../../../src/clock/system-clock.ts';

const clock = createSystemClock();

describe('runJobs', () => {
  test('one that never answers and pays no heed to its signal is wrong at its deadline', async () => {
    const stuck = job('stuck', 50, () => new Promise<never>(() => {}));
    const [found] = await run([stuck, job('quick', 5_000, () => Promise.resolve([]))], 10_000);
    assert.deepEqual(found, { area: 'fence', subject: 'stuck', outcome: 'wrong', says: 'no answer within 50ms' });
  });

  test('one that throws is wrong with its reason', async () => {
    const [found] = await run([job('broken', 5_000, () => Promise.reject(new Error('it broke')))], 10_000);
    assert.equal(found?.says, 'it broke');
  });

  test('what the budget does not reach is told, and never more than 16 run at once', async () => {
    let running = 0;
    let most = 0;
    const jobs = Array.from({ length: 40 }, (_, index) =>
      job(String(index), 60_000, (signal) => {
        running += 1;
        most = Math.max(most, running);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            running -= 1;
            reject(signal.reason);
          });
        });
      }),
    );
    const found = await run(jobs, 200);
    assert.equal(found.length, 40);
    assert.equal(most, 16);
    assert.ok(found.every(({ outcome }) => outcome === 'wrong'));
    assert.equal(found.filter(({ says }) => says.startsWith('not tried')).length, 24);
  });
});

function job(subject: string, timeoutMs: number, run: Job['run']): Job {
  return { area: 'fence', subject, timeoutMs, run };
}

function run(jobs: readonly Job[], budgetMs: number) {
  return runJobs(jobs, { clock, signal: new AbortController().signal, budgetMs, onDone: () => {} });
}
