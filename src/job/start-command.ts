// Starts the command as it was written: no shell, the same standard streams, directory and environment, and the exit code that it
// would have had. Under a keeper it is brought into the namespace that was made for it.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { findTools, type Tools } from '../keeper/find-tools.ts';
import { childOf } from '../keeper/first-process.ts';
import { signalProcess } from '../keeper/process-table.ts';

export type StartOptions = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** null: without a keeper, in a process group of its own. */
  readonly namespace: string | null;
};

export type RunningCommand = {
  /** Its exit code, 128 + n for signal n, 127 or 126 where it cannot be started; `problem`: why, if nobody else says it. */
  readonly ended: Promise<{ readonly code: number; readonly problem: string | null }>;
  /** To the command alone, as if it had been started without us. */
  readonly forward: (signal: NodeJS.Signals) => void;
  /** To the command and to what it started, as far as it is known. */
  readonly signalAll: (signal: 'SIGTERM' | 'SIGKILL') => void;
};

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;

export function startCommand({ argv, env, namespace }: StartOptions): RunningCommand {
  const [file = '', ...args] = namespace === null ? argv : [...entrance(namespace), ...argv];
  // In a session of its own, because a terminal signals everyone in the foreground, also those who only stand in between.
  const child = spawn(file, args, { stdio: 'inherit', env, detached: true });
  const ended = awaitEnd(child, file);
  if (namespace === null) return { ended, ...inGroup(child) };
  return { ended, ...inNamespace(child) };
}

/** nsenter ends exactly as the command does. It dies with us, so that it cannot enter what the keeper has given away again. */
function entrance(namespace: string): readonly string[] {
  const { setpriv, nsenter, setsid } = findTools() as Tools;
  return [setpriv, '--pdeathsig', 'KILL', nsenter, `--pid=${namespace}`, '--', setsid, '--'];
}

async function awaitEnd(child: ChildProcess, file: string): Promise<{ code: number; problem: string | null }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; problem: string | null }>();
  child.once('exit', (code, signal) => {
    resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), problem: null });
  });
  child.once('error', (error) => {
    if (child.pid !== undefined) return;
    const isMissing = 'code' in error && error.code === 'ENOENT';
    const problem = `Cannot run the command: ${error.message}, value was ${file}`;
    resolve({ code: isMissing ? NOT_FOUND : NOT_EXECUTABLE, problem });
  });
  return promise;
}

type Signalling = Pick<RunningCommand, 'forward' | 'signalAll'>;

function inGroup(child: ChildProcess): Signalling {
  return {
    forward: (signal) => void child.kill(signal),
    signalAll: (signal) => {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // ESRCH: nothing of the group is left.
      }
    },
  };
}

/** The keeper ends the rest when our connection to it closes, which is when the command has ended. */
function inNamespace(child: ChildProcess): Signalling {
  const send = (signal: NodeJS.Signals) => {
    const command = child.exitCode === null && child.signalCode === null ? childOf(child.pid) : null;
    if (command !== null) signalProcess(command, signal);
    // It has not come to its command yet.
    else child.kill(signal);
  };
  return { forward: send, signalAll: send };
}
