// The real clock, on the real machine: readings move, sleeps end or are cut short, timers hold nothing open.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createSystemClock } from '../../../src/clock/system-clock.ts';

const NEVER = new AbortController().signal;
const SOURCE = new URL('../../../src/clock/system-clock.ts', import.meta.url).href;

test('system clock readings move forward together with a sleep', async () => {
  using clock = createSystemClock();
  const before = { mono: clock.monotonicMs(), boot: clock.bootMs(), wall: clock.wallMs() };
  await clock.sleep(60, { signal: NEVER });
  assert.ok(clock.monotonicMs() - before.mono >= 58);
  assert.ok(clock.bootMs() - before.boot >= 40, `boot clock moved ${clock.bootMs() - before.boot} ms in 60`);
  assert.ok(clock.wallMs() > before.wall);
});

test('bootMs is the uptime of the kernel', () => {
  using clock = createSystemClock();
  const uptimeMs = Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 1_000;
  assert.ok(Math.abs(clock.bootMs() - uptimeMs) < 500);
});

test('bootMs counts from zero where there is no uptime to read', async () => {
  using clock = createSystemClock({ uptimePath: '/nonexistent/uptime' });
  assert.ok(clock.bootMs() < 1_000);
  await clock.sleep(30, { signal: NEVER });
  assert.ok(clock.bootMs() >= 28);
});

test('sleep rejects with the reason of its signal, also when that was given before', async () => {
  using clock = createSystemClock();
  const reason = new Error('enough');
  const controller = new AbortController();
  const sleeping = clock.sleep(60_000, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(sleeping, (error) => error === reason);
  await assert.rejects(clock.sleep(1, { signal: controller.signal }), (error) => error === reason);
});

test('timer fires once, and not after stop', async () => {
  using clock = createSystemClock();
  let fired = 0;
  clock.timer(5, () => fired++);
  clock.timer(5, () => fired++).stop();
  await clock.sleep(60, { signal: NEVER });
  assert.equal(fired, 1);
});

test('a wait that no Node timer can hold is refused instead of ending at once', () => {
  using clock = createSystemClock();
  assert.throws(() => clock.timer(2 ** 31, () => {}), RangeError);
  assert.throws(() => clock.timer(Number.NaN, () => {}), RangeError);
});

test('timer does not keep the process alive', () => {
  const script = `import { createSystemClock } from '${SOURCE}'; createSystemClock().timer(600_000, () => {});`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 });
  assert.equal(child.status, 0, String(child.stderr));
});
