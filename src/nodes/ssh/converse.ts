// One conversation with the guard on a node, through the system's ssh. `go` is the one effect: it is said once, only after
// hello, and only while the controller may act (S8). However silent the peer is, the local ssh is killed at its deadline.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '../../base/clock.ts';
import { OutputTail } from '../../base/output-tail.ts';

export type Conversation = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The script that goes over stdin. */
  readonly script: string;
  /** Until hello has come; a question has no hello and this is all its time. */
  readonly helloMs: number;
  /** From `go` to the end; null for a question. */
  readonly answerMs: number | null;
  /** Of stdout keep all and refuse what is too long, or keep the last 4 KiB of however much comes. */
  readonly keep: 'all' | 'tail';
};

export type Said = {
  readonly kind: 'ended' | 'deadline' | 'aborted' | 'notAllowed' | 'tooMuch' | 'notStarted';
  /** At most ANSWER_MAX_BYTES. */
  readonly stdout: string;
  /** Last 4 KiB. */
  readonly stderr: string;
  readonly exitCode: number | null;
  /** `go` was given: whatever came after, the script may have run. */
  readonly wasSent: boolean;
  readonly durationMs: number;
};

type Options = {
  readonly clock: Clock;
  readonly mayActUntilBootMs: () => number;
  readonly signal: AbortSignal;
};

/** A guard says 5 KiB at most; a login shell that talks may say something before. */
const ANSWER_MAX_BYTES = 64 * 1_024;
/** How often the right to act is compared with a clock that counts suspension, which no timer does (S2). */
const WATCH_MS = 50;
const HELLO = /^oneup1 hello (\S+) /m;

/** Never rejects. When it resolves, the local ssh has ended or was killed with its group. */
export function converse(conversation: Conversation, options: Options): Promise<Said> {
  const beganMonoMs = options.clock.monotonicMs();
  const [file = 'ssh', ...args] = conversation.argv;
  if (options.signal.aborted) return Promise.resolve({ ...NOTHING, kind: 'aborted' });
  return new Promise((resolve) => {
    const child = spawn(file, args, { env: conversation.env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    new Dialogue(child, conversation, options, (said) =>
      resolve({ ...said, durationMs: options.clock.monotonicMs() - beganMonoMs }),
    ).begin();
  });
}

const NOTHING: Said = {
  kind: 'ended',
  stdout: '',
  stderr: '',
  exitCode: null,
  wasSent: false,
  durationMs: 0,
};

class Dialogue {
  readonly #child: ChildProcess;
  readonly #conversation: Conversation;
  readonly #options: Options;
  readonly #resolve: (said: Said) => void;
  readonly #stderr = new OutputTail();
  readonly #tail = new OutputTail();
  #stdout = Buffer.alloc(0);
  #wasSent = false;
  #isSettled = false;
  #deadline: { readonly stop: () => void } = { stop: () => {} };
  #watch: { readonly stop: () => void } = { stop: () => {} };
  readonly #onAbort = () => this.#settle('aborted');

  constructor(child: ChildProcess, conversation: Conversation, options: Options, resolve: (said: Said) => void) {
    this.#child = child;
    this.#conversation = conversation;
    this.#options = options;
    this.#resolve = resolve;
  }

  begin(): void {
    const { clock, signal } = this.#options;
    const { helloMs, answerMs, script } = this.#conversation;
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#deadline = clock.timer(helloMs, () => this.#settle('deadline'));
    // A question changes nothing and needs no right to act.
    if (answerMs !== null) this.#watchRight();
    this.#child.once('error', (error) => {
      this.#stderr.write(Buffer.from(error.message));
      this.#settle('notStarted');
    });
    // Writing to an ssh that has just ended; `close` follows.
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.on('data', (chunk: Buffer) => this.#stderr.write(chunk));
    this.#child.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.once('close', () => this.#settle('ended'));
    if (answerMs === null) this.#child.stdin?.end(script);
    else this.#child.stdin?.write(script);
  }

  #watchRight(): void {
    if (this.#isSettled) return;
    const { clock, mayActUntilBootMs } = this.#options;
    if (clock.bootMs() >= mayActUntilBootMs()) return this.#settle('notAllowed');
    this.#watch = clock.timer(WATCH_MS, () => this.#watchRight());
  }

  #take(chunk: Buffer): void {
    if (this.#isSettled) return;
    if (this.#conversation.keep === 'tail') return this.#tail.write(chunk);
    this.#stdout = Buffer.concat([this.#stdout, chunk.subarray(0, ANSWER_MAX_BYTES + 1 - this.#stdout.length)]);
    if (this.#stdout.length > ANSWER_MAX_BYTES) return this.#settle('tooMuch');
    if (this.#wasSent || this.#conversation.answerMs === null) return;
    const nonce = HELLO.exec(this.#stdout.toString())?.[1];
    if (nonce !== undefined) this.#go(nonce, this.#conversation.answerMs);
  }

  /** S8: asked again at the last moment at which the effect can still be held back. */
  #go(nonce: string, answerMs: number): void {
    const { clock, mayActUntilBootMs } = this.#options;
    if (clock.bootMs() >= mayActUntilBootMs()) return this.#settle('notAllowed');
    this.#wasSent = true;
    this.#deadline.stop();
    this.#deadline = clock.timer(answerMs, () => this.#settle('deadline'));
    this.#child.stdin?.end(`go ${nonce}\n`);
  }

  #settle(kind: Said['kind']): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#deadline.stop();
    this.#watch.stop();
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    const { exitCode } = this.#child;
    if (kind !== 'ended') killGroup(this.#child);
    this.#child.stdin?.destroy();
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    const said = { kind, exitCode, wasSent: this.#wasSent };
    this.#resolve({
      ...NOTHING,
      ...said,
      stdout: this.#tail.text() + this.#stdout.toString(),
      stderr: this.#stderr.text(),
    });
  }
}

/** ssh and the ssh to its jump host are one group of their own. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the group is empty already, which is what was wanted.
  }
}
