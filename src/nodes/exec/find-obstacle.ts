// Says in advance, in words a person can act on, why a program cannot run; the exit code of a shell would not.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

type Program = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
};

/** The reason with its remedy, or null when nothing is in the way. */
export function findObstacle({ argv, env, cwd }: Program): string | null {
  const file = argv[0];
  if (file === undefined || file === '') return 'the command is empty; write at least one word';
  if (cwd !== null && !isDirectory(cwd)) return `the working directory ${cwd} does not exist; create it or correct cwd`;
  const base = cwd ?? process.cwd();
  const places = file.includes('/')
    ? [isAbsolute(file) ? file : resolve(base, file)]
    : (env.PATH ?? '').split(delimiter).map((folder) => join(resolve(base, folder), file));
  const found = places.filter((place) => statSync(place, { throwIfNoEntry: false })?.isFile() ?? false);
  if (found.length === 0) {
    const where = file.includes('/') ? `there is no file ${places[0]}` : `no folder of PATH holds ${file}`;
    return `${where}; install it or correct the path`;
  }
  if (found.some(isExecutable)) return null;
  return `${found[0]} is not executable; run chmod +x on it`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // EACCES is the answer to the question.
    return false;
  }
}
