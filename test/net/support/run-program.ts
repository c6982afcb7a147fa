// Runs one short program of the system and gives back what it printed; one that fails, or takes long, is an error with its words.
import { execFileSync } from 'node:child_process';

const TIMEOUT_MS = 40_000;
const OUTPUT_OCTETS_MAX = 256 * 1024 * 1024;

export type RunPlace = { readonly input?: string; readonly cwd?: string };

export function runProgram(program: string, args: readonly string[], place: RunPlace = {}): string {
  const { input = '', cwd } = place;
  try {
    return execFileSync(program, args, {
      input,
      ...(cwd === undefined ? {} : { cwd }),
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: OUTPUT_OCTETS_MAX,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
    });
  } catch (error) {
    const { stderr = '' } = error as { readonly stderr?: string };
    throw new Error(`Cannot run ${program} ${args.join(' ')}: ${stderr.trim()}`, { cause: error });
  }
}

/** For steps of cleaning up, where what is gone already is as good. */
export function tryProgram(program: string, args: readonly string[]): string {
  try {
    return runProgram(program, args);
  } catch {
    return '';
  }
}
