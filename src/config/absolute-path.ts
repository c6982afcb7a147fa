// Makes file names absolute without asking the process where it stands: relative ones count from the configuration file.

/** `path` seen from the absolute directory `baseDir`, with `.` and `..` worked out. Absolute paths stay what they are. */
export function absolutePath(path: string, baseDir: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${baseDir}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
