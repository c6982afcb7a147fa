// Splits TypeScript text into what is code and what is not, so that the house rules look at code and never trip over a
// word inside a string. It is a tokenizer of comments, strings, templates and regular expressions, nothing more.

export type MaskedSource = {
  /** The text with the inside of comments, strings, templates and regular expressions blanked; same length and lines. */
  readonly code: string;
  /** The text with everything but comments blanked; same length and lines. */
  readonly comments: string;
};

type Span = { readonly kind: 'comment' | 'literal'; readonly start: number; readonly end: number };

/** Blanks literals and comments. An unterminated literal runs to the end of the text. */
export function maskSource(text: string): MaskedSource {
  const spans = findSpans(text);
  return {
    code: blank(text, spans),
    comments: keepOnly(
      text,
      spans.filter(({ kind }) => kind === 'comment'),
    ),
  };
}

/** One-based line of an offset. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

function findSpans(text: string): readonly Span[] {
  const spans: Span[] = [];
  /** Brace depth of the code inside each open `${`. */
  const templates: number[] = [];
  let at = text.startsWith('#!') ? lineEnd(text, 0) : 0;
  if (at > 0) spans.push({ kind: 'comment', start: 0, end: at });
  while (at < text.length) {
    const char = text[at] ?? '';
    const depth = templates.at(-1);
    if (text.startsWith('//', at) || text.startsWith('/*', at)) {
      const end = text[at + 1] === '/' ? lineEnd(text, at) : after(text, '*/', at + 2);
      spans.push({ kind: 'comment', start: at, end });
      at = end;
    } else if (char === "'" || char === '"' || (char === '/' && startsRegex(text, at))) {
      const end = char === '/' ? regexEnd(text, at) : stringEnd(text, at);
      spans.push({ kind: 'literal', start: at + 1, end: end - 1 });
      at = end;
    } else if (char === '`' || (char === '}' && depth === 0)) {
      if (char === '}') templates.pop();
      const { end, opensCode } = templateEnd(text, at + 1);
      spans.push({ kind: 'literal', start: at + 1, end: end - (opensCode ? 2 : 1) });
      if (opensCode) templates.push(0);
      at = end;
    } else {
      if (depth !== undefined && char === '{') templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === '}') templates[templates.length - 1] = depth - 1;
      at += 1;
    }
  }
  return spans;
}

function blank(text: string, spans: readonly Span[]): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of spans) {
    masked += text.slice(from, start) + spaces(text.slice(start, end));
    from = Math.max(start, end);
  }
  return masked + text.slice(from);
}

function keepOnly(text: string, spans: readonly Span[]): string {
  let masked = '';
  let from = 0;
  for (const { start, end } of spans) {
    masked += spaces(text.slice(from, start)) + text.slice(start, end);
    from = end;
  }
  return masked + spaces(text.slice(from));
}

function spaces(text: string): string {
  return text.replace(/[^\n]/g, ' ');
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

function after(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end === -1 ? text.length : end + mark.length;
}

function stringEnd(text: string, start: number): number {
  const quote = text[start];
  let at = start + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1;
  return Math.min(at + 1, text.length);
}

function templateEnd(text: string, from: number): { readonly end: number; readonly opensCode: boolean } {
  let at = from;
  while (at < text.length) {
    if (text[at] === '`') return { end: at + 1, opensCode: false };
    if (text.startsWith('${', at)) return { end: at + 2, opensCode: true };
    at += text[at] === '\\' ? 2 : 1;
  }
  return { end: text.length, opensCode: false };
}

/** A slash starts a regular expression where a value is expected: after an operator, an opening bracket or a keyword. */
function startsRegex(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  if (before === '' || /[(,=:[!&|?{;+\-*%~^<>]$/.test(before)) return true;
  return /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|await|yield|void)$/.test(before);
}

function regexEnd(text: string, start: number): number {
  let at = start + 1;
  let inClass = false;
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true;
    if (text[at] === ']') inClass = false;
    at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at + 1, text.length);
}
