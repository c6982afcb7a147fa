// Runs one command of the real program in a directory and returns what a shell would see.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** A command that hangs is killed and shows as exit code null. */
const COMMAND_MAX_MS = 120_000;

export type CommandResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type CommandPlace = {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

export async function runOneup(place: CommandPlace, argv: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: place.directory,
    env: { ...process.env, ...place.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: COMMAND_MAX_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}
