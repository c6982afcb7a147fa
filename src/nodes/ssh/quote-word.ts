// Makes one word of a POSIX shell out of any text: everything is literal between single quotes but the quote itself.

/** Throws RangeError for a zero byte, which no word can hold. */
export function quoteWord(text: string): string {
  if (text.includes('\0')) throw new RangeError('Cannot quote word: it holds a zero byte');
  return `'${text.replaceAll("'", "'\\''")}'`;
}
