// Looks for the programs that the verification needs before anything is built, so that a missing one is told with its remedy.
import { spawnSync } from 'node:child_process';

const VERSION_TIMEOUT_MS = 10_000;

const TOOLS = [
  { program: 'spin', flag: '-V', remedy: 'apt-get install spin (Debian, Ubuntu), brew install spin (macOS)' },
  { program: 'gcc', flag: '--version', remedy: 'apt-get install gcc libc6-dev (Debian, Ubuntu)' },
] as const;

/** One line for each program that cannot be run; none: all are there. */
export function findMissingTools(): readonly string[] {
  return TOOLS.flatMap(({ program, flag, remedy }) => {
    const { error } = spawnSync(program, [flag], { stdio: 'ignore', timeout: VERSION_TIMEOUT_MS });
    return error === undefined
      ? []
      : [`Cannot verify the model: no ${program} here (${error.message}). Try: ${remedy}`];
  });
}
