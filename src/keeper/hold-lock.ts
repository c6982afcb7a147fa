// Makes sure that a state directory has one keeper and one agent: the kernel's lock on a file ends with the process that holds
// it, so that one that was killed is replaced at once, and one that lives never is.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { OneupError } from '../base/oneup-error.ts';
import { findProgram } from './find-tools.ts';

/** flock(1) asks the kernel once and ends. */
const ASK_MAX_MS = 10_000;

/** Returns the open file: the lock ends when it is closed, or with the process. Throws ONEUP_AGENT_KEEPER when another process holds it. */
export function holdLock(path: string): number {
  // keeper.lock or agent.lock: both live once in a directory.
  const holder = basename(path, '.lock');
  const flock = findProgram('flock');
  if (flock === null) throw new OneupError('ONEUP_AGENT_KEEPER', `Cannot start the ${holder}: flock is not installed`);
  const file = openSync(path, 'a', 0o600);
  // The lock belongs to the open file, which flock shares with us and leaves to us when it ends.
  const stdio = ['ignore', 'ignore', 'ignore', file] as const;
  const { status, error } = spawnSync(flock, ['-n', '-E', '75', '3'], {
    stdio: [...stdio],
    timeout: ASK_MAX_MS,
    env: {},
  });
  if (status === 0) return file;
  closeSync(file);
  const why = status === 75 ? 'one lives already' : `flock failed, ${error?.message ?? `exit code ${status}`}`;
  throw new OneupError('ONEUP_AGENT_KEEPER', `Cannot start the ${holder}: ${why}, value was ${path}`);
}
