// Starts the process that runs oneup's checks and hands it its rounds.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Contender } from './measure-round.ts';

export async function startProbeProcess(): Promise<Contender & AsyncDisposable> {
  const child = fork(fileURLToPath(new URL('probe-process.ts', import.meta.url)));
  await once(child, 'spawn');
  return {
    name: 'oneup',
    pid: child.pid ?? 0,
    look: async (kind, port, checks) => {
      child.send({ kind, port, checks });
      const [answer] = await once(child, 'message');
      if (answer !== 'done') throw new Error(`Cannot measure oneup: ${answer}`);
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
