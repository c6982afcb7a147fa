// What became of one run, for whoever began it and may not be there at its end: an agent that is started again reads it.
import { renameSync, writeFileSync } from 'node:fs';

/**
 * `refused`: it was not run. `lost`: it was ended because the node stopped being active. `timeout`: it took too long. Who finds
 * none for a run that is gone knows that its wrapper was killed.
 */
export type RunResult = {
  readonly kind: 'refused' | 'ended' | 'timeout' | 'lost';
  readonly code: number;
  readonly reason: string;
};

const MODE = 0o600;

/** Whole or not at all. Never throws: the command has ended as it did whether or not that can be written down. */
export function writeRunResult(path: string, result: RunResult, say: (line: string) => void): void {
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(result)}\n`, { mode: MODE });
    renameSync(`${path}.new`, path);
  } catch (error) {
    say(`Cannot write the result: ${error instanceof Error ? error.message : String(error)}`);
  }
}
