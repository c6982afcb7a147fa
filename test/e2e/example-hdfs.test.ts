// config/examples/hdfs-namenode as a reader meets it: the one command of its README, then every other command of the page, with two
// stand-ins of NameNodes as real processes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesIn } from './support/end-processes.ts';
import { ExamplePlace } from './support/example-place.ts';
import { waitUntil } from './support/wait-until.ts';

const PATIENCE_MS = 120_000;

test('the example of two NameNodes', async (t) => {
  await using place = new ExamplePlace('hdfs-namenode');
  const [look = '', kill = '', comeBack = '', hang = '', judge = ''] = place.story;
  assert.equal(place.story.length, 5);
  const started = place.start();

  await t.test('one command starts it all', async () => {
    await waitUntil('the example to run', () => started.output().includes('Everything runs in'), PATIENCE_MS);
    assert.equal(await place.run(look), 'active\nstandby\n');
  });

  await t.test(
    'the active is killed: its stop reaches nobody, its port is free, and the other becomes active',
    async () => {
      const output = await place.run(kill);
      assert.match(output, /Node nn1 is proven down: fence level 1 confirmed: The fence device says "gone"/);
      assert.match(await place.run('./hdfs haadmin -getServiceState nn2'), /^active$/m);
      const unforced = await place.run('./hdfs haadmin -transitionToActive nn2 2>&1 || true');
      assert.match(unforced, /nn1 at .*ECONNREFUSED/, 'as Hadoop: the dead other is in the way');
    },
  );

  await t.test('it comes back as a standby, and becomes active when it is told to', async () => {
    const output = await place.run(comeBack);
    assert.match(output, /rejoin done: node nn1 is a standby again/);
    assert.match(output, /nn1 is active.*\nactive\n$/s);
  });

  await t.test('the active hangs: the fence kills it', async () => {
    const output = await place.run(hang);
    assert.match(output, /Node nn1 is proven down: fence level 1 confirmed: The fence device says "gone"/);
    const pid = Number(readFileSync(join(place.folder, 'namenode-nn1.pid'), 'utf8'));
    assert.ok(!processesIn(place.folder).includes(pid), 'the process that hung is gone');
  });

  await t.test('a writer that the journal does not know any more ends itself: the second line', async () => {
    const insert = `const { DatabaseSync } = require('node:sqlite');
      new DatabaseSync(process.argv[1]).exec("pragma busy_timeout = 30000; insert into writer (node) values ('other')")`;
    await place.run('oneup freeze on namenode --reason test');
    const { status } = spawnSync(process.execPath, ['-e', insert, join(place.folder, 'journal.db')]);
    assert.equal(status, 0);
    await waitUntil('nn2 to end itself', async () =>
      /refused|ECONNREFUSED/.test(await place.run('./hdfs haadmin -getServiceState nn2 2>&1 || true')),
    );
  });

  await t.test('two never wrote, and the end leaves nothing behind', async () => {
    assert.match(
      await place.run(judge),
      /^epoch 1: nn1 .*\nepoch 2: nn2 .*\nepoch 3: nn1 .*\nepoch 4: nn2 .*\none writer at a time\n$/,
    );
    assert.equal(await started.end(), 0);
    await waitUntil('nothing to be left', () => processesIn(place.folder).length === 0);
  });
});
