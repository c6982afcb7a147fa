// Reads what the guard on a node said. Whatever stands before its first word, such as the greeting of a login shell, is left
// out; what stands after the word `output` is the script's and never read as an answer.

export type GuardAnswer =
  | {
      readonly kind: 'result';
      readonly repeated: boolean;
      readonly phase: 'done' | 'failed' | 'timeout' | 'killed';
      readonly exitCode: number;
      readonly durationMs: number;
      readonly output: string;
    }
  | { readonly kind: 'refused'; readonly action: string; readonly position: GuardPosition }
  | { readonly kind: 'late' }
  | { readonly kind: 'error'; readonly reason: string }
  | { readonly kind: 'status'; readonly status: GuardStatus };

export type GuardPosition = {
  readonly generation: number;
  readonly epoch: number;
  readonly step: number;
  readonly part: number;
};

export type GuardStatus = GuardPosition & {
  readonly action: string;
  readonly phase: 'none' | 'starting' | 'done' | 'failed' | 'timeout' | 'killed';
  readonly exitCode: number;
  readonly durationMs: number;
  readonly instance: 'active' | 'stopped' | 'unknown';
  readonly isRunning: boolean;
  readonly isSameBoot: boolean;
  readonly output: string;
};

const PHASES = ['none', 'starting', 'done', 'failed', 'timeout', 'killed'] as const;
const ENDS = ['done', 'failed', 'timeout', 'killed'] as const;
const INSTANCES = ['active', 'stopped', 'unknown'] as const;
const ANSWER = /^oneup1 (result|refused|late|error|status)(?: (.*))?$/m;
const OUTPUT = 'oneup1 output\n';

/** Null when there is no answer, or one that no guard gives. */
export function readAnswer(stdout: string): GuardAnswer | null {
  const found = ANSWER.exec(stdout);
  if (found === null) return null;
  const words = (found[2] ?? '').split(' ');
  const at = stdout.indexOf(OUTPUT, found.index);
  const output = at < 0 ? '' : stdout.slice(at + OUTPUT.length);
  switch (found[1]) {
    case 'late':
      return { kind: 'late' };
    case 'error':
      return { kind: 'error', reason: found[2] ?? '' };
    case 'refused':
      return readRefusal(words);
    case 'status':
      return readStatus(words, output);
    default:
      return readResult(words, output);
  }
}

function readResult([how, word, exit, took]: readonly string[], output: string): GuardAnswer | null {
  const phase = ENDS.find((known) => known === word);
  const numbers = readNumbers([exit, took]);
  if (phase === undefined || numbers === null) return null;
  const [exitCode = 0, hundredths = 0] = numbers;
  return { kind: 'result', repeated: how === 'repeated', phase, exitCode, durationMs: hundredths * 10, output };
}

function readRefusal([action = '', ...rest]: readonly string[]): GuardAnswer | null {
  const position = readPosition(rest);
  return position === null ? null : { kind: 'refused', action, position };
}

function readStatus(words: readonly string[], output: string): GuardAnswer | null {
  const [action = '', phaseWord, exit, took, instanceWord, running, sameBoot] = words.slice(4);
  const position = readPosition(words);
  const phase = PHASES.find((known) => known === phaseWord);
  const instance = INSTANCES.find((known) => known === instanceWord);
  const numbers = readNumbers([exit, took]);
  if (position === null || phase === undefined || instance === undefined || numbers === null) return null;
  const [exitCode = 0, hundredths = 0] = numbers;
  const seen = { isRunning: running === 'yes', isSameBoot: sameBoot === 'yes' };
  const status = { ...position, action, phase, exitCode, durationMs: hundredths * 10, instance, ...seen, output };
  return { kind: 'status', status };
}

function readPosition(words: readonly (string | undefined)[]): GuardPosition | null {
  const numbers = readNumbers(words.slice(0, 4));
  if (numbers === null || numbers.length < 4) return null;
  const [generation = 0, epoch = 0, step = 0, part = 0] = numbers;
  return { generation, epoch, step, part };
}

function readNumbers(words: readonly (string | undefined)[]): readonly number[] | null {
  const numbers = words.map((word) => (word !== undefined && /^\d{1,16}$/.test(word) ? Number(word) : -1));
  return numbers.every((number) => number >= 0 && Number.isSafeInteger(number)) ? numbers : null;
}
