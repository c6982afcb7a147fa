// A controller that starts one script and waits: tests kill it. Arguments: the guard's path and the script.
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { startRunner } from '../../src/nodes/exec/start-runner.ts';

const [guardPath, script] = process.argv.slice(2);
if (guardPath === undefined || script === undefined) throw new Error('Cannot run: expected guard path and script');
const clock = createSystemClock();
const runner = await startRunner({ clock, guardPath, parentEnv: process.env });
console.log(runner.pid());
const request = {
  key: { cluster: 'prod', service: 'web', node: 'a' },
  position: { generation: 1, epoch: 1, step: 1, part: 0 },
  ...{
    action: 'start',
    argv: [script],
    env: { PATH: process.env.PATH ?? '' },
    cwd: null,
    timeoutMs: 30_000,
    secrets: [],
  },
};
const untilBootMs = clock.bootMs() + 60_000;
await runner.request({ kind: 'run', untilBootMs, request }, { signal: new AbortController().signal });
