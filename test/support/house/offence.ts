// How a house rule reports what it found: where, and which sentence was broken.

export type Offence = { readonly file: string; readonly line: number; readonly rule: string };

/** One offence a line, `file:line: rule`, so that an editor can jump to it. */
export function formatOffences(offences: readonly Offence[]): string {
  return offences.map(({ file, line, rule }) => `${file}:${line}: ${rule}`).join('\n');
}
