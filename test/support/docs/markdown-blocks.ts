// Takes the fenced blocks and the links out of a Markdown page, so that tests can run and follow them.

export type FencedBlock = {
  /** First word after the fence, such as `sh`. */
  readonly language: string;
  /** The other words after the fence, such as `runnable`. */
  readonly marks: readonly string[];
  readonly text: string;
  /** One-based line of the opening fence. */
  readonly line: number;
};

export type MarkdownLink = { readonly target: string; readonly line: number };

export function fencedBlocks(page: string): readonly FencedBlock[] {
  const blocks: FencedBlock[] = [];
  let open: { language: string; marks: readonly string[]; line: number; indent: number; body: string[] } | null = null;
  for (const [index, line] of page.split('\n').entries()) {
    const fence = /^( *)```(.*)$/.exec(line);
    if (fence !== null && open !== null) {
      blocks.push({ language: open.language, marks: open.marks, line: open.line, text: `${open.body.join('\n')}\n` });
      open = null;
    } else if (fence !== null) {
      const [language = '', ...marks] = (fence[2] ?? '').trim().split(/\s+/);
      open = { language, marks, line: index + 1, indent: (fence[1] ?? '').length, body: [] };
    } else if (open !== null) open.body.push(line.slice(open.indent));
  }
  return blocks;
}

/** Links and images of the page outside fenced blocks and inline code. */
export function markdownLinks(page: string): readonly MarkdownLink[] {
  const links: MarkdownLink[] = [];
  let isFenced = false;
  for (const [index, line] of page.split('\n').entries()) {
    if (/^ *```/.test(line)) isFenced = !isFenced;
    if (isFenced) continue;
    for (const match of line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)) {
      links.push({ target: match[1] ?? '', line: index + 1 });
    }
  }
  return links;
}

/** Anchors that headings of the page get on the usual code hosts: lower case, words joined by dashes. */
export function headingAnchors(page: string): ReadonlySet<string> {
  const headings = [...page.matchAll(/^#{1,6} +(.+)$/gm)].map((match) => match[1] ?? '');
  const anchors = headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return new Set(anchors);
}
