// Reads the pattern language of checks: a part of regular expressions that a machine without going back can decide, so that
// no pattern and no text can take more than a bounded time. Pure.
import { err, ok, type Result } from './result.ts';

export type PatternNode =
  | { readonly kind: 'chars'; readonly accepts: (char: string) => boolean }
  | { readonly kind: 'start' | 'end' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly part: PatternNode; readonly min: number; readonly max: number };

export type PatternTree = { readonly root: PatternNode; readonly ignoresCase: boolean };

const PATTERN_CHARS_MAX = 256;
const REPEAT_MAX = 100;

/** The error is a reason to put behind "the pattern cannot be used". */
export function parsePattern(text: string): Result<PatternTree, string> {
  if (text.length > PATTERN_CHARS_MAX) return err(`it is longer than ${PATTERN_CHARS_MAX} characters`);
  const ignoresCase = text.startsWith('(?i)');
  const reader = new PatternReader([...(ignoresCase ? text.slice('(?i)'.length) : text)]);
  try {
    return ok({ root: reader.whole(), ignoresCase });
  } catch (error) {
    return err(error instanceof PatternFault ? error.message : String(error));
  }
}

class PatternFault extends Error {}

class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  whole(): PatternNode {
    const root = this.#choice();
    if (this.#at < this.#chars.length) throw new PatternFault('a closing bracket has no opening one');
    return root;
  }

  #choice(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#take('|')) parts.push(this.#sequence());
    return { kind: 'choice', parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#chars.length && this.#peek() !== '|' && this.#peek() !== ')') parts.push(this.#repeated());
    return { kind: 'sequence', parts };
  }

  #repeated(): PatternNode {
    const part = this.#atom();
    const bounds = this.#bounds();
    if (bounds === null) return part;
    if (part.kind === 'start' || part.kind === 'end') throw new PatternFault('^ and $ cannot be repeated');
    const [min, max] = bounds;
    // A lazy match finds something exactly where a greedy one does.
    this.#take('?');
    if (this.#bounds() !== null) throw new PatternFault('a repetition is repeated');
    return { kind: 'repeat', part, min, max };
  }

  #bounds(): readonly [number, number] | null {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY];
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY];
    if (this.#take('?')) return [0, 1];
    const rest = this.#chars.slice(this.#at, this.#at + 10).join('');
    const found = /^\{(\d{1,3})(?:(,)(\d{1,3})?)?\}/.exec(rest);
    if (found === null) return null;
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === undefined ? Number.POSITIVE_INFINITY : Number(found[3]);
    if (min > max || min > REPEAT_MAX || (max > REPEAT_MAX && max !== Number.POSITIVE_INFINITY)) {
      throw new PatternFault(`a repetition counts from 0 to ${REPEAT_MAX}, the smaller number first`);
    }
    return [min, max];
  }

  #atom(): PatternNode {
    const char = this.#next();
    if (char === '^') return { kind: 'start' };
    if (char === '$') return { kind: 'end' };
    if (char === '.') return { kind: 'chars', accepts: (other) => other !== '\n' };
    if (char === '(') return this.#group();
    if (char === '[') return this.#set();
    if (char === '\\') return { kind: 'chars', accepts: this.#escape() };
    if ('*+?'.includes(char)) throw new PatternFault(`there is nothing before ${char} to repeat`);
    return { kind: 'chars', accepts: (other) => other === char };
  }

  #group(): PatternNode {
    if (this.#take('?') && !this.#take(':'))
      throw new PatternFault('of the (? groups there is only (?: and a leading (?i)');
    const inner = this.#choice();
    if (!this.#take(')')) throw new PatternFault('a bracket is not closed');
    return inner;
  }

  #set(): PatternNode {
    const isNegated = this.#take('^');
    const tests: ((char: string) => boolean)[] = [];
    if (this.#peek() === ']') throw new PatternFault('a [ ] is empty');
    while (this.#peek() !== ']') {
      const from = this.#next('a [ is not closed');
      if (from === '\\') {
        tests.push(this.#escape());
      } else if (this.#peek() === '-' && this.#chars[this.#at + 1] !== ']') {
        this.#at += 1;
        const to = this.#next('a [ is not closed');
        if (to === '\\' || to < from) throw new PatternFault('a range in [ ] goes from one character to a later one');
        tests.push((char) => char >= from && char <= to);
      } else {
        tests.push((char) => char === from);
      }
    }
    this.#at += 1;
    return { kind: 'chars', accepts: (char) => tests.some((accepts) => accepts(char)) !== isNegated };
  }

  #escape(): (char: string) => boolean {
    const char = this.#next('the last \\ stands alone');
    const known = ESCAPES[char];
    if (known !== undefined) return (other) => known.test(other);
    if (/[A-Za-z0-9]/.test(char))
      throw new PatternFault(`\\${char} is not known; known: \\d \\D \\w \\W \\s \\S \\n \\r \\t`);
    return (other) => other === char;
  }

  #peek(): string {
    return this.#chars[this.#at] ?? '';
  }

  #next(fault = 'it ends too early'): string {
    const char = this.#chars[this.#at];
    if (char === undefined) throw new PatternFault(fault);
    this.#at += 1;
    return char;
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at += 1;
    return true;
  }
}

/** Each looks at one character. */
const ESCAPES: Readonly<Record<string, RegExp>> = {
  d: /^\d$/,
  D: /^\D$/su,
  w: /^\w$/,
  W: /^\W$/su,
  s: /^\s$/,
  S: /^\S$/su,
  n: /^\n$/,
  r: /^\r$/,
  t: /^\t$/,
};
