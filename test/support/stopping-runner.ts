// A runner that stops itself (SIGSTOP) at the points where a pause is most dangerous: tests ask for it with a file beside the
// guard's state, `<guard>.stop-record` or `<guard>.stop-go`. Everything else is the real runner.
import { existsSync, rmSync } from 'node:fs';
import { createSystemClock } from '../../src/clock/system-clock.ts';
import { Guard } from '../../src/nodes/exec/guard.ts';
import { identifyProcess } from '../../src/nodes/exec/process-identity.ts';
import { serveRunner } from '../../src/nodes/exec/serve-runner.ts';

const guardPath = process.argv[2];
const owner = identifyProcess(process.pid);
if (guardPath === undefined || owner === null) throw new Error('Cannot run: expected the path of the guard state file');

await serveRunner({
  clock: createSystemClock(),
  guard: new Guard(guardPath),
  owner,
  input: process.stdin,
  output: process.stdout,
  pauseBefore: async (point) => {
    const wish = `${guardPath}.stop-${point}`;
    if (!existsSync(wish)) return;
    rmSync(wish);
    process.kill(process.pid, 'SIGSTOP');
  },
});
process.exit(0);
