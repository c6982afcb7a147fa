// Reads the files of the repository that the house rules look at. What git ignores or npm installs is not ours to judge.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file by its path from the top of the repository, with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string };

export const REPOSITORY = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

const IGNORED: ReadonlySet<string> = new Set(['node_modules', 'dist', 'var', 'coverage', '.git']);

/** Every file below `folders` (relative to the repository) whose name passes; folders that do not exist hold nothing. */
export function readTree(folders: readonly string[], accepts: (path: string) => boolean): readonly SourceFile[] {
  const files: SourceFile[] = [];
  for (const folder of folders) {
    if (existsSync(join(REPOSITORY, folder))) collect(folder, accepts, files);
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function isTypeScript(path: string): boolean {
  return path.endsWith('.ts');
}

function collect(path: string, accepts: (path: string) => boolean, files: SourceFile[]): void {
  const absolute = join(REPOSITORY, path);
  if (statSync(absolute).isDirectory()) {
    for (const name of readdirSync(absolute)) {
      if (!IGNORED.has(name)) collect(path === '.' ? name : `${path}/${name}`, accepts, files);
    }
  } else if (accepts(path)) {
    files.push({ path, text: readFileSync(absolute, 'utf8') });
  }
}
