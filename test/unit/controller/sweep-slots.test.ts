// The places of the sweep: so many questions at once, the others in their turn, and none in the way of an operation.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SweepSlots } from '../../../src/controller/sweep-slots.ts';

const NEVER = new AbortController().signal;

describe('SweepSlots', () => {
  test('no more than so many at once; whoever waits longest is next', async () => {
    const slots = new SweepSlots(2);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const ask = (name: string) =>
      slots.run(name, NEVER, () => {
        begun.push(name);
        return new Promise<void>((resolve) => ends.set(name, resolve));
      });
    const all = ['a', 'b', 'c', 'd'].map(ask);
    await settle();
    assert.deepEqual(begun, ['a', 'b']);
    ends.get('b')?.();
    await settle();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    ends.get('a')?.();
    await settle();
    for (const end of ends.values()) end();
    await Promise.all(all);
    assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  });

  test('one that fails leaves its place, and one that is given up is not asked at all', async () => {
    const slots = new SweepSlots(1);
    const failing = slots.run('a', NEVER, () => Promise.reject(new Error('no login')));
    let isAsked = false;
    const waiting = slots.run('b', NEVER, async () => {
      isAsked = true;
    });
    slots.giveUp('b');
    await assert.rejects(failing, /no login/);
    await assert.rejects(waiting, /an operation acts on the node/);
    assert.equal(isAsked, false);
    assert.equal(await slots.run('c', NEVER, async () => 'answered'), 'answered');
  });

  test('an operation ends the question that is under way, and the end of the term does', async () => {
    const slots = new SweepSlots();
    const term = new AbortController();
    const until = (signal: AbortSignal) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const given = slots.run('a', term.signal, until);
    const held = slots.run('b', term.signal, until);
    await settle();
    slots.giveUp('a');
    slots.giveUp('nobody');
    await assert.rejects(given, /an operation acts on the node/);
    term.abort(new Error('the term has ended'));
    await assert.rejects(held, /the term has ended/);
  });
});

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
