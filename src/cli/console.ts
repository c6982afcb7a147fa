// Where commands print: results on standard output, as text or as one JSON document, everything else on standard error.

export type Console = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether standard error is a terminal on which a line can be redrawn. */
  readonly isInteractive: boolean;
};

/** Pads columns to their widest cell; the last one is left as it is. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((known, row) => {
    row.forEach((cell, index) => {
      known[index] = Math.max(known[index] ?? 0, cell.length);
    });
    return known;
  }, []);
  return rows
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}
