// Golden stories of the machine: a few words of command, `----`, and everything that must follow from them. Rewritten only
// with UPDATE_GOLDEN=1 in the environment, and then read as a diff.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { describeWorld } from './describe-step.ts';
import { tell, worldOf } from './story-commands.ts';
import type { StoryWorld } from './story-world.ts';

const FOLDER = new URL('./', import.meta.url);
const STORIES = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));

describe('stories', () => {
  for (const name of STORIES) {
    test(name, () => {
      const file = new URL(name, FOLDER);
      const written = readFileSync(file, 'utf8');
      const { text, world } = run(written);
      assert.deepEqual(world?.violations, [], 'an invariant was broken');
      if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
      else assert.equal(text, written);
    });
  }

  test('there are stories, and each names where it comes from', () => {
    assert.ok(STORIES.length >= 30);
    for (const name of STORIES) {
      assert.match(readFileSync(new URL(name, FOLDER), 'utf8'), /^# [A-Z]{2}-\d+|^# own/, name);
    }
  });

  test('a change in what happens is noticed', () => {
    const written = readFileSync(new URL('fc-01-there-and-back.txt', FOLDER), 'utf8');
    const altered = written.replace('epoch 2', 'epoch 9');
    assert.notEqual(altered, written);
    assert.notEqual(run(altered).text, altered);
  });
});

/** The story as it goes now: comments and commands are kept, what follows `----` is written anew up to the empty line. */
function run(written: string): { readonly text: string; readonly world: StoryWorld | null } {
  const out: string[] = [];
  let world: StoryWorld | null = null;
  let isOutput = false;
  for (const line of written.trimEnd().split('\n')) {
    if (isOutput) {
      if (line !== '') continue;
      isOutput = false;
    }
    out.push(line);
    if (line.startsWith('world ')) world = worldOf(line);
    else if (line === '----') {
      assert.ok(world !== null, 'a story begins with its world');
      out.push(...world.lines.splice(0), describeWorld(world));
      isOutput = true;
    } else if (line !== '' && !line.startsWith('#')) {
      assert.ok(world !== null, 'a story begins with its world');
      tell(world, line);
    }
  }
  return { text: `${out.join('\n')}\n`, world };
}
