// config/examples/active-active-web as a reader meets it: the one command of its README, then every other command of the page,
// with three real web servers and three probers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processesIn } from './support/end-processes.ts';
import { ExamplePlace } from './support/example-place.ts';
import { waitUntil } from './support/wait-until.ts';

const PATIENCE_MS = 120_000;

test('the example of three web servers that all answer', async (t) => {
  await using place = new ExamplePlace('active-active-web');
  const { net } = place;
  const [look = '', kill = '', release = '', drain = '', killTwo = ''] = place.story;
  assert.equal(place.story.length, 5);
  const started = place.start();

  await t.test('one command starts it all, and the name answers all three', async () => {
    await waitUntil('the example to run', () => started.output().includes('Everything runs in'), PATIENCE_MS);
    assert.match(started.output(), /3 of 3 healthy, at least 2/);
    assert.equal(await place.run(look), pages(net, { a: 1, b: 1, c: 1 }));
  });

  await t.test('one is killed: it leaves the answer', async () => {
    const output = await place.run(kill);
    assert.ok(output.includes(pages(net, { a: 1, c: 1 })), output);
    assert.match(output, /answers a, c; b is not healthy/);
  });

  await t.test('it comes back with the release that it missed', async () => {
    const output = await place.run(release);
    assert.ok(output.includes(pages(net, { a: 2, b: 2, c: 2 })), output);
    assert.match(output, /return of b/);
  });

  await t.test('one is drained, and a second one is refused', async () => {
    const output = await place.run(drain);
    assert.ok(output.includes(pages(net, { a: 2, b: 2 })), output);
    assert.match(output, /S28\.min-healthy/);
  });

  await t.test('two of three are killed: every verified one is answered', async () => {
    const output = await place.run(killTwo);
    assert.match(output, /without a .*b, c/);
    assert.ok(output.includes(`${net}.21 does not answer\n${net}.22 does not answer\n${net}.23 c: release 2`), output);
  });

  await t.test('the end leaves nothing behind', async () => {
    assert.equal(await started.end(), 0);
    await waitUntil('nothing to be left', () => processesIn(place.folder).length === 0);
  });
});

/** What look.mjs prints: each address with the release that its web server has. */
function pages(net: string, releases: Readonly<Record<string, number>>): string {
  const last = { a: 21, b: 22, c: 23 } as const;
  const lines = Object.entries(releases).map(([id, release]) => {
    return `${net}.${last[id as keyof typeof last]} ${id}: release ${release}\n`;
  });
  return lines.join('');
}
