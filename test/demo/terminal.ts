// How the demo looks: headings, commands, aligned columns. Colours only where a terminal shows them; a file gets plain text.

type Paint = (text: string) => string;

export type Terminal = {
  readonly heading: (text: string) => void;
  /** A command as a reader would type it. */
  readonly command: (text: string) => void;
  readonly line: (text?: string) => void;
  /** Rows with their columns padded to the widest cell; every row is indented. */
  readonly rows: (rows: readonly (readonly string[])[]) => void;
  readonly good: Paint;
  readonly bad: Paint;
  readonly strong: Paint;
  readonly faint: Paint;
};

const INDENT = '   ';

export function createTerminal(write: (text: string) => void, isColoured: boolean): Terminal {
  const paint = (code: number): Paint => (isColoured ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  const strong = paint(1);
  const faint = paint(2);
  const line = (text = '') => write(text === '' ? '\n' : `${INDENT}${text}\n`);
  let headings = 0;
  return {
    heading: (text) => {
      headings += 1;
      write(`\n${strong(`${headings}. ${text}`)}\n`);
    },
    command: (text) => line(`${faint('$')} ${paint(36)(text)}`),
    line,
    rows: (rows) => {
      for (const row of alignColumns(rows)) line(row);
    },
    good: paint(32),
    bad: paint(31),
    strong,
    faint,
  };
}

/** Pads every cell but the last of a row; colours are added before, so their codes do not count. */
export function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => visibleLength(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = (widths[column] ?? 0) - visibleLength(cell);
        return column === row.length - 1 ? cell : cell + ' '.repeat(gap);
      })
      .join('  ')
      .trimEnd(),
  );
}

function visibleLength(text: string): number {
  return text.replaceAll(COLOUR, '').length;
}

const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

/** `420 ms`, `2.31 s`: one spelling everywhere in the demo. */
export function showMs(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}
