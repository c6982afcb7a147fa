// Matches a pattern by walking all its possibilities at once, one character after another (Thompson 1968): the time is at most
// the length of the text times the size of the pattern, whatever they hold. Pure.
import { type PatternNode, parsePattern } from './parse-pattern.ts';
import { err, ok, type Result } from './result.ts';

export type TextPattern = { readonly matches: (text: string) => boolean };

/** One place in the pattern: what it takes to get on, and where to. */
type State =
  | { readonly kind: 'chars'; readonly accepts: (char: string) => boolean; readonly next: number }
  | { readonly kind: 'start' | 'end'; readonly next: number }
  | { readonly kind: 'split'; readonly nexts: readonly number[] }
  | { readonly kind: 'found' };

/** Each state costs a look per character of a body. */
const STATES_MAX = 256;

/** The error is a reason to put behind "the pattern cannot be used". */
export function compilePattern(text: string): Result<TextPattern, string> {
  const parsed = parsePattern(text);
  if (!parsed.ok) return parsed;
  const { root, ignoresCase } = parsed.value;
  if (sizeOf(root) > STATES_MAX) return err('its repetitions make it too large');
  const states: State[] = [{ kind: 'found' }];
  const first = build(root, 0, { states, ignoresCase });
  return ok({ matches: (given) => walk(states, first, given) });
}

function sizeOf(node: PatternNode): number {
  switch (node.kind) {
    case 'chars':
    case 'start':
    case 'end':
      return 1;
    case 'sequence':
    case 'choice':
      return node.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'repeat': {
      const times = node.max === Number.POSITIVE_INFINITY ? node.min + 1 : node.max;
      return times * (sizeOf(node.part) + 1) + 1;
    }
  }
}

type Building = { readonly states: State[]; readonly ignoresCase: boolean };

/** Adds the states of `node`, which lead on to `next`; gives the number of the first. */
function build(node: PatternNode, next: number, building: Building): number {
  switch (node.kind) {
    case 'chars':
      return add({ kind: 'chars', accepts: folded(node.accepts, building), next }, building);
    case 'start':
    case 'end':
      return add({ kind: node.kind, next }, building);
    case 'sequence':
      return node.parts.reduceRight((after, part) => build(part, after, building), next);
    case 'choice':
      return add({ kind: 'split', nexts: node.parts.map((part) => build(part, next, building)) }, building);
    case 'repeat':
      return buildRepeat(node, next, building);
  }
}

function buildRepeat({ part, min, max }: Extract<PatternNode, { kind: 'repeat' }>, next: number, building: Building) {
  let after = next;
  if (max === Number.POSITIVE_INFINITY) {
    after = add({ kind: 'split', nexts: [] }, building);
    building.states[after] = { kind: 'split', nexts: [build(part, after, building), next] };
  } else {
    for (let count = min; count < max; count += 1) {
      after = add({ kind: 'split', nexts: [build(part, after, building), next] }, building);
    }
  }
  for (let count = 0; count < min; count += 1) after = build(part, after, building);
  return after;
}

function add(state: State, { states }: Building): number {
  return states.push(state) - 1;
}

function folded(accepts: (char: string) => boolean, { ignoresCase }: Building): (char: string) => boolean {
  return ignoresCase ? (char) => accepts(char.toLowerCase()) || accepts(char.toUpperCase()) : accepts;
}

/** Whether the pattern is found anywhere in the text. */
function walk(states: readonly State[], first: number, text: string): boolean {
  // The step in which each state was reached last: 0 is never.
  const reachedIn = new Uint32Array(states.length);
  let current: number[] = [];
  let step = 1;
  let at = 0;
  for (const char of text) {
    reach(states, first, { into: current, reachedIn, step, isStart: at === 0, isEnd: false });
    if (reachedIn[0] === step) return true;
    at += char.length;
    step += 1;
    const following: number[] = [];
    const reached = { into: following, reachedIn, step, isStart: false, isEnd: at === text.length };
    for (const place of current) {
      const state = states[place];
      if (state?.kind === 'chars' && state.accepts(char)) reach(states, state.next, reached);
    }
    current = following;
  }
  reach(states, first, { into: current, reachedIn, step, isStart: at === 0, isEnd: true });
  return reachedIn[0] === step;
}

type Reached = {
  readonly into: number[];
  readonly reachedIn: Uint32Array;
  readonly step: number;
  readonly isStart: boolean;
  readonly isEnd: boolean;
};

/** Adds a state and all that it leads to without a character. */
function reach(states: readonly State[], place: number, { into, reachedIn, step, isStart, isEnd }: Reached): void {
  const open = [place];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reachedIn[next] === step) continue;
    reachedIn[next] = step;
    const state = states[next];
    if (state?.kind === 'chars') into.push(next);
    else if (state?.kind === 'split') open.push(...state.nexts);
    else if (state?.kind === 'start' && isStart) open.push(state.next);
    else if (state?.kind === 'end' && isEnd) open.push(state.next);
  }
}
