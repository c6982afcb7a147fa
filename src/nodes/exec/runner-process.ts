// The entry of the runner: its own process, because only a process that outlives the controller can end what the controller
// leaves behind, and no longer than that (S12). Argument: the path of the guard's state file.
import { createSystemClock } from '../../clock/system-clock.ts';
import { Guard } from './guard.ts';
import { identifyProcess } from './process-identity.ts';
import { serveRunner } from './serve-runner.ts';

await main(process.argv[2]);

async function main(guardPath: string | undefined): Promise<void> {
  const owner = identifyProcess(process.pid);
  if (guardPath === undefined || owner === null)
    throw new Error('Cannot run: expected the path of the guard state file');
  const { stdin: input, stdout: output } = process;
  // Whoever stops the service stops the scripts: the end of the input does exactly that.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => input.destroy());
  await serveRunner({ clock: createSystemClock(), guard: new Guard(guardPath), owner, input, output });
  process.exit(0);
}
