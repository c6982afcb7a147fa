// The process in which oneup's checks are measured: makes as many as it is told, several at a time, and says when they are done.
import { createSystemClock } from '../../src/clock/system-clock.ts';
import type { CheckTarget } from '../../src/config/check-target.ts';
import { runCheck } from '../../src/probe/run-check.ts';
import { type Kind, SIDE_BY_SIDE } from './measure-round.ts';

const clock = createSystemClock();

function target(kind: Kind, port: number): CheckTarget {
  if (kind === 'tcp') return { kind, host: '127.0.0.1', port };
  const rest = { method: 'GET', headers: [], status: [[200, 299]], bodyContains: null, verifyTls: true } as const;
  return { kind, url: `http://127.0.0.1:${port}/`, ...rest };
}

async function worker(looked: CheckTarget, left: { count: number }): Promise<void> {
  while (left.count > 0) {
    left.count -= 1;
    // The way a prober gives each check its deadline.
    const deadline = new AbortController();
    const timer = clock.timer(3_000, () => deadline.abort());
    const { result } = await runCheck(looked, { clock, signal: deadline.signal, parentEnv: {} });
    timer.stop();
    if (result.kind !== 'pass') throw new Error(`a check did not pass: ${result.reason}`);
  }
}

process.on('message', ({ kind, port, checks }: { kind: Kind; port: number; checks: number }) => {
  const left = { count: checks };
  const looked = target(kind, port);
  Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => worker(looked, left))).then(
    () => process.send?.('done'),
    (error: Error) => process.send?.(error.message),
  );
});
