// What a program said last before it failed: mostly the reason, in its own words.

/** Longer lines are cut: the evidence holds the whole. */
const WORDS_MAX = 200;

/** Empty, or what is put behind an exit code. `output` is redacted already. */
export function lastWords(output: string): string {
  const line = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  if (line === '') return '';
  return `: ${line.length > WORDS_MAX ? `${line.slice(0, WORDS_MAX)}...` : line}`;
}
