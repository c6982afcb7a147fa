// Many channels: who is told what, what waits, what is dropped, and that a bad channel troubles nobody else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as settle } from 'node:timers/promises';
import type { Alerter, AlertMessage, AlertOutcome } from '../../../src/ports/alerter.ts';
import { createAlertFanOut } from '../../../src/telemetry/alert-fan-out.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { alertMessage, createMemoryLogger } from './alert-message.ts';

type Held = { readonly message: AlertMessage; readonly finish: (outcome: AlertOutcome) => void };

const SENT: AlertOutcome = { kind: 'sent' };

/** An alerter whose deliveries end when the test says so, or at once. */
function channel(name: string, { isHeld = false } = {}) {
  const got: AlertMessage[] = [];
  const held: Held[] = [];
  const state = { most: 0, underWay: 0 };
  const alerter: Alerter = {
    name,
    send: async (message, { signal }) => {
      got.push(message);
      state.underWay += 1;
      state.most = Math.max(state.most, state.underWay);
      const { promise, resolve } = Promise.withResolvers<AlertOutcome>();
      signal.addEventListener('abort', () => resolve({ kind: 'failed', reason: 'aborted' }), { once: true });
      if (isHeld) held.push({ message, finish: resolve });
      else resolve(SENT);
      return promise.finally(() => {
        state.underWay -= 1;
      });
    },
  };
  const finishNext = async (outcome: AlertOutcome = SENT) => {
    held.shift()?.finish(outcome);
    await settle();
  };
  return { alerter, got, state, finishNext, subjects: () => got.map(({ subject }) => subject) };
}

type Channel = ReturnType<typeof channel>;

function world(entries: readonly (readonly [Channel, AlertMessage['level']])[], queueMax = 3) {
  const clock = createFakeClock();
  const { logger, lines } = createMemoryLogger();
  const alerters = entries.map(([{ alerter }, minLevel]) => ({ alerter, minLevel }));
  return { clock, lines, fanOut: createAlertFanOut({ alerters, clock, logger, queueMax }) };
}

function event(level: AlertMessage['level'], subject: string): AlertMessage {
  return alertMessage({ id: subject, state: 'event', level, subject });
}

describe('alert fan-out: who is told', () => {
  test('a channel is told of its level and those above it', async () => {
    const all = channel('all');
    const some = channel('some');
    const { fanOut } = world([
      [all, 'info'],
      [some, 'critical'],
    ]);
    for (const level of ['info', 'warning', 'critical'] as const) fanOut.send(event(level, level));
    await settle();
    assert.deepEqual(all.subjects(), ['info', 'warning', 'critical']);
    assert.deepEqual(some.subjects(), ['critical']);
  });

  test('who was told of a condition is told of its end once, and nobody else', async () => {
    const pager = channel('pager');
    const { fanOut } = world([[pager, 'critical']]);
    const end = (id: string) => alertMessage({ id, state: 'resolved', level: 'info', subject: `${id} over` });
    fanOut.send(alertMessage({ id: 'told', subject: 'told' }));
    fanOut.send(alertMessage({ id: 'below', level: 'warning', subject: 'below' }));
    for (const id of ['told', 'below', 'told', 'never']) fanOut.send(end(id));
    await settle();
    assert.deepEqual(pager.subjects(), ['told', 'told over']);
  });

  test('what a channel remembers of open conditions is bounded, the oldest goes first', async () => {
    const pager = channel('pager');
    const { fanOut } = world([[pager, 'critical']], 2_000);
    for (let n = 0; n <= 1_000; n += 1) fanOut.send(alertMessage({ id: `${n}`, subject: 'open' }));
    for (const id of ['0', '1'])
      fanOut.send(alertMessage({ id, state: 'resolved', level: 'info', subject: `${id} over` }));
    await settle();
    assert.deepEqual(pager.subjects().slice(1_001), ['1 over']);
  });

  test('a test goes to every channel and tells what became of it', async () => {
    const good = channel('good');
    const bad = channel('bad', { isHeld: true });
    const { fanOut } = world([
      [good, 'critical'],
      [bad, 'critical'],
    ]);
    const outcomes = fanOut.test(alertMessage({ state: 'test', level: 'info' }));
    await settle();
    await bad.finishNext({ kind: 'failed', reason: 'no route' });
    assert.deepEqual(await outcomes, { good: SENT, bad: { kind: 'failed', reason: 'no route' } });
  });

  test('what is sent as soon as a test has ended is delivered too', async () => {
    const one = channel('one');
    const { fanOut } = world([[one, 'info']]);
    await fanOut.test(alertMessage({ state: 'test' }));
    fanOut.send(event('info', 'after'));
    await settle();
    assert.equal(one.subjects().at(-1), 'after');
  });
});

describe('alert fan-out: bad channels', () => {
  test('one that hangs delays no other, and has one delivery under way', async () => {
    const slow = channel('slow', { isHeld: true });
    const quick = channel('quick');
    const { fanOut } = world([
      [slow, 'info'],
      [quick, 'info'],
    ]);
    for (const subject of ['a', 'b', 'c']) fanOut.send(event('critical', subject));
    await settle();
    assert.deepEqual([slow.subjects(), quick.subjects()], [['a'], ['a', 'b', 'c']]);
    await slow.finishNext();
    await slow.finishNext();
    assert.deepEqual([slow.subjects(), slow.state.most], [['a', 'b', 'c'], 1]);
  });

  test('a failure is logged with channel and alert, and the next one is tried', async () => {
    const bad = channel('bad', { isHeld: true });
    const { fanOut, lines } = world([[bad, 'info']]);
    fanOut.send(event('critical', 'a'));
    fanOut.send(event('critical', 'b'));
    await bad.finishNext({ kind: 'failed', reason: 'status was 500' });
    await bad.finishNext();
    const warnings = lines.filter(({ level }) => level === 'warn');
    assert.deepEqual(warnings, [
      {
        level: 'warn',
        data: { channel: 'bad', alertId: 'a', durationMs: 0, reason: 'status was 500' },
        message: 'alert is not delivered',
      },
    ]);
    assert.deepEqual(bad.subjects(), ['a', 'b']);
  });

  test('an alerter that throws loses one alert and leaks no words', async () => {
    let count = 0;
    const broken: Channel['alerter'] = {
      name: 'broken',
      send: () => {
        count += 1;
        if (count === 1) throw new Error('with a s3cr3t');
        return Promise.reject(new TypeError('with a s3cr3t'));
      },
    };
    const { fanOut, lines } = world([[{ ...channel('broken'), alerter: broken }, 'info']]);
    for (const subject of ['a', 'b']) fanOut.send(event('info', subject));
    await settle();
    assert.deepEqual(
      lines.map(({ level, data }) => [level, 'reason' in data && data.reason]),
      [
        ['warn', 'Cannot deliver: Error'],
        ['warn', 'Cannot deliver: TypeError'],
      ],
    );
  });
});

describe('alert fan-out: bounds', () => {
  test('of a full queue the oldest of the lowest level goes, and that is logged', async () => {
    const slow = channel('slow', { isHeld: true });
    const { fanOut, lines } = world([[slow, 'info']]);
    fanOut.send(event('info', 'under way'));
    for (const [level, subject] of [
      ['critical', 'c1'],
      ['info', 'i1'],
      ['info', 'i2'],
      ['warning', 'w1'],
      ['critical', 'c2'],
      ['info', 'i3'],
      ['critical', 'c3'],
      ['critical', 'c4'],
    ] as const) {
      fanOut.send(event(level, subject));
    }
    assert.deepEqual(
      lines.map(({ data }) => 'alertId' in data && data.alertId),
      ['i1', 'i2', 'i3', 'w1', 'c1'],
    );
    for (let left = 0; left < 4; left += 1) await slow.finishNext();
    assert.deepEqual(slow.subjects(), ['under way', 'c2', 'c3', 'c4']);
  });

  test('repetitions of one condition take one place, with the newest count', async () => {
    const slow = channel('slow', { isHeld: true });
    const { fanOut, lines } = world([[slow, 'info']]);
    fanOut.send(event('info', 'under way'));
    for (let count = 1; count <= 9; count += 1) fanOut.send(alertMessage({ count }));
    fanOut.send(alertMessage({ state: 'resolved' }));
    for (let left = 0; left < 3; left += 1) await slow.finishNext();
    assert.deepEqual(slow.got.map(({ state, count }) => [state, count]).slice(1), [
      ['open', 9],
      ['resolved', 1],
    ]);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn'),
      [],
    );
  });

  test('tests go first, one at a time, and push no alert out', async () => {
    const slow = channel('slow', { isHeld: true });
    const { fanOut, lines } = world([[slow, 'info']], 1);
    fanOut.send(event('critical', 'under way'));
    const first = fanOut.test(alertMessage({ state: 'test', subject: 'test' }));
    fanOut.send(event('critical', 'waits'));
    const second = await fanOut.test(alertMessage({ state: 'test', subject: 'too much' }));
    assert.match(JSON.stringify(second), /another test of this channel is waiting/);
    for (let left = 0; left < 3; left += 1) await slow.finishNext();
    assert.deepEqual(await first, { slow: SENT });
    assert.deepEqual(slow.subjects(), ['under way', 'test', 'waits']);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn'),
      [],
    );
  });
});

describe('alert fan-out: the end', () => {
  test('what waits is still delivered, and nothing more is taken', async () => {
    const slow = channel('slow', { isHeld: true });
    const { fanOut, clock, lines } = world([[slow, 'info']]);
    fanOut.send(event('info', 'a'));
    fanOut.send(event('info', 'b'));
    const closed = fanOut.close();
    fanOut.send(event('critical', 'too late'));
    await slow.finishNext();
    await slow.finishNext();
    await closed;
    assert.equal(clock.pendingCount(), 0);
    assert.deepEqual(slow.subjects(), ['a', 'b']);
    assert.deepEqual(
      lines.filter(({ level }) => level === 'warn').map(({ data }) => data),
      [{ alertId: 'too late' }],
    );
    assert.deepEqual(await fanOut.test(alertMessage()), {
      slow: { kind: 'failed', reason: 'Cannot test: oneup ends' },
    });
  });

  test('a channel that hangs is ended after a moment, and what is lost is logged', async () => {
    const slow = channel('slow', { isHeld: true });
    const { fanOut, clock, lines } = world([[slow, 'info']]);
    fanOut.send(event('info', 'a'));
    fanOut.send(event('info', 'b'));
    const test = fanOut.test(alertMessage({ state: 'test' }));
    const closed = fanOut.close();
    assert.equal(fanOut.close(), closed);
    await clock.advance(2_000);
    await closed;
    assert.equal((await test).slow?.kind, 'failed');
    assert.deepEqual(slow.subjects(), ['a']);
    assert.ok(lines.some(({ data, message }) => 'alertId' in data && data.alertId === 'b' && /dropped/.test(message)));
    assert.equal(clock.pendingCount(), 0);
  });
});
