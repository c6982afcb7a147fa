// Who writes next when many want to: a few at once, by how urgent they are, and nobody waits for ever.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { WriteTurns } from '../../../src/controller/write-turns.ts';
import type { CallPriority } from '../../../src/plan/call-budget.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

describe('WriteTurns', () => {
  function line() {
    const clock = createFakeClock();
    const turns = new WriteTurns(clock);
    const entered: string[] = [];
    const missed: string[] = [];
    const leaves = new Map<string, () => void>();
    const want = (name: string, priority: CallPriority) =>
      turns.queue({
        service: name,
        priority,
        enter: (leave) => {
          entered.push(name);
          leaves.set(name, leave);
        },
        leaveLine: (why) => missed.push(`${name} ${why}`),
      });
    return { clock, turns, entered, missed, leaves, want };
  }

  test('four at once, then failovers before rollbacks before what can wait, in the order in which they came', () => {
    const { entered, leaves, want } = line();
    for (const name of ['1', '2', '3', '4']) want(name, 'upkeep');
    want('ttl', 'upkeep');
    want('back', 'rollback');
    want('over', 'failover');
    want('next', 'failover');
    assert.deepEqual(entered, ['1', '2', '3', '4']);
    for (const name of ['1', '2', '3', '4']) leaves.get(name)?.();
    assert.deepEqual(entered.slice(4), ['over', 'next', 'back', 'ttl']);
  });

  test('who leaves twice makes room once', () => {
    const { entered, leaves, want } = line();
    for (const name of ['1', '2', '3', '4', '5', '6']) want(name, 'failover');
    leaves.get('1')?.();
    leaves.get('1')?.();
    assert.deepEqual(entered, ['1', '2', '3', '4', '5']);
  });

  test('behind a provider that is silent nobody waits for ever, and who gave up has no turn', async () => {
    const { clock, entered, missed, leaves, want } = line();
    for (const name of ['1', '2', '3', '4', 'slow']) want(name, 'failover');
    await clock.advance(60_000);
    assert.deepEqual(missed, ['slow late']);
    leaves.get('1')?.();
    assert.deepEqual(entered, ['1', '2', '3', '4']);
  });

  test('what is not wanted any more leaves the line, and what is under way stays', () => {
    const { turns, entered, missed, leaves, want } = line();
    for (const name of ['1', '2', '3', '4', 'old', 'next']) want(name, 'failover');
    turns.drop('old');
    turns.drop('1');
    assert.deepEqual(missed, ['old unwanted']);
    leaves.get('1')?.();
    assert.deepEqual(entered.at(-1), 'next');
  });

  test('with the end of the term all leave the line', () => {
    const { turns, missed, leaves, entered, want } = line();
    for (const name of ['1', '2', '3', '4', '5', '6']) want(name, 'failover');
    turns.clear();
    assert.deepEqual(missed, ['5 unwanted', '6 unwanted']);
    leaves.get('1')?.();
    assert.equal(entered.length, 4);
  });

  test('after "too many requests" writes begin one by one for a while, the urgent ones first', async () => {
    const { clock, turns, entered, leaves, want } = line();
    want('1', 'failover');
    turns.slowDown(400);
    want('ttl', 'upkeep');
    want('2', 'failover');
    want('3', 'failover');
    assert.deepEqual(entered, ['1']);
    await clock.advance(400);
    assert.deepEqual(entered, ['1', '2']);
    await clock.advance(800);
    assert.deepEqual(entered, ['1', '2', '3', 'ttl']);
    for (const name of entered) leaves.get(name)?.();
    await clock.advance(15_000);
    for (const name of ['5', '6', '7']) want(name, 'failover');
    assert.deepEqual(entered.slice(4), ['5', '6', '7'], 'it has forgotten by now');
  });

  test('who asks to slow down has its writes so far apart, and not beyond the time for which that holds', async () => {
    const { clock, turns, entered, want } = line();
    await clock.advance(1_000);
    want('1', 'failover');
    turns.slowDown(720_000);
    want('2', 'failover');
    await clock.advance(14_000);
    assert.deepEqual(entered, ['1']);
    await clock.advance(1_000);
    assert.deepEqual(entered, ['1', '2']);
  });
});
