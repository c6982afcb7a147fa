// config/examples/airflow-scheduler as a reader meets it: the one command of its README, then every other command of the page, with
// real processes. Only the addresses and the folder are the test's own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { processesIn } from './support/end-processes.ts';
import { ExamplePlace } from './support/example-place.ts';
import { waitUntil } from './support/wait-until.ts';

const PATIENCE_MS = 120_000;

test('the example of a scheduler that must run once', async (t) => {
  await using place = new ExamplePlace('airflow-scheduler');
  const started = place.start();
  const [look = '', kill = '', comeBack = '', killAgain = '', judge = ''] = place.story;
  assert.equal(place.story.length, 5);

  await t.test('one command starts it all', async () => {
    await waitUntil('the example to run', () => started.output().includes('Everything runs in'), PATIENCE_MS);
    assert.match(started.output(), /p1 .*with agent a\n.*p2 .*with agent b\n/);
    assert.match(started.output(), new RegExp(`scheduler.ha.example.com. is ${place.net}.21 `));
    assert.match(await place.run(look), /"scheduler":\{"status":"healthy"/);
  });

  await t.test('a scheduler that answers 200 and has no heartbeat is seen to be down', async () => {
    await place.run('oneup freeze on scheduler --reason test');
    {
      // Closed and so released also when something goes wrong.
      using database = new DatabaseSync(join(place.folder, 'airflow.db'));
      // The scheduler may be writing just now.
      database.exec('pragma busy_timeout = 30000; begin exclusive');
      await waitUntil(
        'a to be seen down and the reason to be told',
        async () => /a is down: .*scheduler\.status/.test(await place.run('oneup why scheduler')),
        PATIENCE_MS,
      );
      database.exec('rollback');
    }
    await waitUntil('a to be seen up', async () => /a .*quorum: up/.test(await place.run('oneup status')), PATIENCE_MS);
    await place.run('oneup freeze off scheduler');
  });

  await t.test(
    'the process of prober and agent is killed: the keeper ends the scheduler, then b takes over',
    async () => {
      assert.match(await place.run(kill), /its lease has run out: keeper ends the service/);
    },
  );

  await t.test('the old active comes back as a standby, and becomes active again when it is told to', async () => {
    assert.match(await place.run(comeBack), /a is active/);
  });

  await t.test('the scheduler alone is killed: its agent says so, and b takes over', async () => {
    await place.run(killAgain);
    assert.match(await place.run('oneup why scheduler'), /agent/);
  });

  await t.test('two never ran, and the end leaves nothing behind', async () => {
    assert.match(await place.run(judge), /^a took .*\nb took .*\na took .*\nb took .*\none at a time\n$/);
    await place.run('kill $(cat p1.pid)');
    assert.equal(await started.end(), 0);
    await waitUntil('nothing to be left', () => processesIn(place.folder).length === 0);
  });
});
