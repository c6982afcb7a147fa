// Cuts a byte stream into lines without ever holding more than one line of bounded length.

/** Returns what takes the chunks. After a line that is too long it takes nothing any more: nobody knows where the next begins. */
export function splitLines(
  bytesMax: number,
  sink: { readonly onLine: (line: string) => void; readonly onTooLong: () => void },
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  let isOver = false;

  function keep(part: Buffer): void {
    length += part.length;
    isOver = length > bytesMax;
    if (!isOver && part.length > 0) parts.push(part);
  }

  return (chunk) => {
    let from = 0;
    while (!isOver) {
      const end = chunk.indexOf(0x0a, from);
      keep(chunk.subarray(from, end === -1 ? chunk.length : end));
      if (isOver) return sink.onTooLong();
      if (end === -1) return;
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      from = end + 1;
      sink.onLine(line);
    }
  };
}
