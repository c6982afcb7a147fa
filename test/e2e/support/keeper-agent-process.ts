// Stands for an agent: starts a keeper, arms it, spawns a service and renews the deadline until it is stopped or killed.
// Arguments: the state directory, the milliseconds of each deadline, the script of the service.
import { setTimeout as sleep } from 'node:timers/promises';
import { createSystemClock } from '../../../src/clock/system-clock.ts';
import { startKeeper } from '../../../src/keeper/start-keeper.ts';
import { patience, SERVICE, spawnOf } from '../../support/keeper-bench.ts';

const [stateDir = '', aheadMs = '', script = ''] = process.argv.slice(2);
const clock = createSystemClock();
const { PATH } = process.env;
const keeper = startKeeper({ clock, stateDir, parentEnv: { PATH }, watchdogPath: null });
await arm();
const answer = await keeper.spawn({ ...spawnOf(script), cwd: stateDir }, patience());
process.stdout.write(`${answer.kind}\n`);
for (;;) {
  await sleep(100);
  await arm();
}

async function arm(): Promise<void> {
  const deadlineBootMs = clock.bootMs() + Number(aheadMs);
  await keeper.arm({ service: SERVICE, epoch: 1, deadlineBootMs }, patience());
}
