// What a controller and its runner say to each other: one JSON object a line, both ends of the same version. Times are
// CLOCK_BOOTTIME of the machine they share.
import type { ActionResult } from '../../ports/node-driver.ts';
import type { StepPosition } from '../step-position.ts';
import type { GuardKey } from './guard-record.ts';

/** A step as the runner executes it. */
export type StepRequest = {
  readonly key: GuardKey;
  readonly position: StepPosition;
  readonly action: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string | null;
  readonly timeoutMs: number;
  /** Texts that must not appear in output or reasons. */
  readonly secrets: readonly string[];
};

export type ToRunner =
  | { readonly kind: 'deadline'; readonly untilBootMs: number }
  | { readonly kind: 'run'; readonly id: number; readonly untilBootMs: number; readonly request: StepRequest }
  /** Records without spawning: an instance that runs already (S11). */
  | ({ readonly kind: 'adopt'; readonly id: number; readonly untilBootMs: number } & Recorded)
  /** Records that a fence level of this position was confirmed (S18). */
  | ({ readonly kind: 'off'; readonly id: number; readonly untilBootMs: number } & Recorded)
  | { readonly kind: 'cancel'; readonly id: number };

type Recorded = { readonly key: GuardKey; readonly position: StepPosition };

/** What a controller asks for; the number that its answer is found by is added on the way. */
export type RunnerRequest = WithoutId<Extract<ToRunner, { id: number; untilBootMs: number }>>;
type WithoutId<T> = T extends { id: number } ? Omit<T, 'id'> : never;

export type FromRunner =
  | { readonly kind: 'ready'; readonly guardIdentity: string }
  | { readonly kind: 'answer'; readonly id: number; readonly result: ActionResult };

/** A command line of the kernel's usual limit with its environment, as JSON; a longer line is a fault of the other end. */
const LINE_MAX_CHARS = 4 * 1_024 * 1_024;

export function encodeLine(message: ToRunner | FromRunner): string {
  return `${JSON.stringify(message)}\n`;
}

/** Cuts a byte stream into messages. The returned function throws when a line is too long or no JSON. */
export function createLineDecoder<T extends ToRunner | FromRunner>(
  take: (message: T) => void,
): (chunk: Buffer) => void {
  const decoder = new TextDecoder();
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX_CHARS) throw new RangeError(`Cannot read line: longer than ${LINE_MAX_CHARS} chars`);
    for (const line of lines) take(JSON.parse(line) as T);
  };
}
