// Who hears of which key: folders and whole keys, each once for a batch, and nobody else is even looked at.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChangeListeners } from '../../../src/store/change-listeners.ts';

function listening(prefixes: readonly string[]) {
  const listeners = new ChangeListeners();
  const heard: string[] = [];
  const stops = prefixes.map((prefix) => listeners.add(prefix, () => heard.push(prefix)));
  return { listeners, heard, stops };
}

test('a folder hears of what is in it, a whole key of itself, and neither of its neighbours', () => {
  const { listeners, heard } = listening(['c/', 'c/op/', 'c/op/web', 'c/op/web2', 'c/obs/web/', 'c/obs/web2/']);
  listeners.tell(['c/op/web']);
  assert.deepEqual(heard.splice(0), ['c/', 'c/op/', 'c/op/web']);
  listeners.tell(['c/op/web2']);
  assert.deepEqual(heard.splice(0), ['c/', 'c/op/', 'c/op/web2']);
  listeners.tell(['c/obs/web/a/p1']);
  assert.deepEqual(heard.splice(0), ['c/', 'c/obs/web/']);
  listeners.tell(['other/obs/web/a/p1']);
  assert.deepEqual(heard, []);
});

test('a batch is told once to each, in the order in which they began to listen', () => {
  const { listeners, heard } = listening(['c/obs/web/', 'c/', 'c/op/web']);
  listeners.tell(['c/op/web', 'c/obs/web/a/p1', 'c/obs/web/b/p1']);
  assert.deepEqual(heard, ['c/obs/web/', 'c/', 'c/op/web']);
});

test('two may listen to the same, and who has stopped hears no more', () => {
  const { listeners, heard, stops } = listening(['c/x', 'c/x']);
  listeners.tell(['c/x']);
  assert.equal(heard.splice(0).length, 2);
  stops[0]?.();
  stops[0]?.();
  listeners.tell(['c/x']);
  assert.equal(heard.splice(0).length, 1);
  stops[1]?.();
  listeners.add('c/x', () => heard.push('new'));
  stops[1]?.();
  listeners.tell(['c/x']);
  assert.deepEqual(heard, ['new']);
});
