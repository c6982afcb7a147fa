// Measures how long functions are, by matching the braces of masked text. It knows functions, methods and arrow
// functions with a body; where it is unsure it counts a block as a function, which only makes it stricter.
import { lineOf } from './mask-source.ts';

export type MeasuredFunction = {
  readonly line: number;
  /** Lines from the head to the closing brace. */
  readonly lines: number;
  /** The same without the lines of functions inside it. */
  readonly ownLines: number;
};

/** What can stand before a body in `name(...) {` without being a function. */
const STATEMENT = /\b(?:if|for|while|switch|catch|with)$/;
/** After one of these a brace opens a type or a value, not a body. */
const NOT_A_BODY = /[:|&<,(=[?]$|\b(?:extends|keyof|readonly)$/;

export function measureFunctions(code: string): readonly MeasuredFunction[] {
  const spans = findBodies(code).map(({ head, open }) => {
    const first = lineOf(code, head);
    return { open, close: closing(code, open), first, lines: lineOf(code, closing(code, open)) - first + 1 };
  });
  return spans.map((span) => {
    const inside = spans.filter((other) => other.open > span.open && other.close < span.close);
    const outermost = inside.filter((one) => !inside.some((two) => two.open < one.open && two.close > one.close));
    const nested = outermost.reduce((sum, { lines }) => sum + lines, 0);
    return { line: span.first, lines: span.lines, ownLines: span.lines - nested };
  });
}

function findBodies(code: string): readonly { readonly head: number; readonly open: number }[] {
  const bodies: { head: number; open: number }[] = [];
  for (const match of code.matchAll(/=>\s*\{/g)) {
    bodies.push({ head: match.index, open: match.index + match[0].length - 1 });
  }
  for (const match of code.matchAll(/[\w$>]\s*\(/g)) {
    const parenthesis = match.index + match[0].length - 1;
    if (STATEMENT.test(code.slice(Math.max(0, parenthesis - 12), parenthesis).trimEnd())) continue;
    const end = closing(code, parenthesis);
    const open = bodyAfter(code, end + 1);
    if (open !== null) bodies.push({ head: match.index, open });
  }
  return bodies;
}

/** Offset of the body that follows a parameter list, with or without a return type; null where none follows. */
function bodyAfter(code: string, from: number): number | null {
  let at = skipSpace(code, from);
  if (code[at] === '{') return at;
  if (code[at] !== ':') return null;
  let generics = 0;
  for (at += 1; at < code.length; at += 1) {
    const char = code[at] ?? '';
    if (char === '<') generics += 1;
    if (char === '>' && code[at - 1] !== '=') generics -= 1;
    if (';=)]}'.includes(char) && !code.startsWith('=>', at)) return null;
    if (char === ',' && generics === 0) return null;
    if (char === '(' || char === '[') at = closing(code, at);
    if (char !== '{') continue;
    if (!NOT_A_BODY.test(code.slice(from, at).trimEnd())) return at;
    at = closing(code, at);
  }
  return null;
}

function skipSpace(code: string, from: number): number {
  let at = from;
  while (/\s/.test(code[at] ?? '')) at += 1;
  return at;
}

function closing(code: string, open: number): number {
  const opener = code[open] ?? '';
  const closer = opener === '(' ? ')' : opener === '[' ? ']' : '}';
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === opener) depth += 1;
    if (code[at] === closer) depth -= 1;
    if (depth === 0) return at;
  }
  return code.length - 1;
}
