// Questions that were sent and not answered, in the order in which a server answers them. Bounded: a server that is silent
// must not make this process hold ever more.
import { OneupError } from '../../base/oneup-error.ts';
import { JuteError } from './jute-error.ts';
import type { JuteReader } from './jute-reader.ts';
import type { Question } from './questions.ts';
import { CODE } from './reply-codes.ts';

const QUESTIONS_MAX = 4_096;
/** Several of the largest commits at once. */
const BYTES_MAX = 64 * 1024 * 1024;

export type Answer<T> = { readonly code: number; readonly value: T | null };

type Pending = {
  readonly xid: number;
  readonly bytes: number;
  readonly sentMonoMs: number;
  readonly answer: (code: number, from: JuteReader) => void;
  readonly fail: (error: Error) => void;
};

export class PendingQuestions {
  #queue: Pending[] = [];
  #bytes = 0;

  /** When the oldest question was sent, or null when every one is answered. */
  oldestSentMonoMs(): number | null {
    return this.#queue[0]?.sentMonoMs ?? null;
  }

  /** Throws while nothing is sent when too much waits already. */
  assertRoom(bytes: number): void {
    if (this.#queue.length < QUESTIONS_MAX && this.#bytes + bytes <= BYTES_MAX) return;
    throw new OneupError(
      'ONEUP_STORE_UNREACHABLE',
      `Cannot ask the ZooKeeper server: too many questions wait for an answer, value was ${this.#queue.length}`,
    );
  }

  add<T>(question: Question<T>, sent: Pick<Pending, 'xid' | 'bytes' | 'sentMonoMs'>): Promise<Answer<T>> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer<T>>();
    // Whoever asked may have stopped listening.
    promise.catch(() => undefined);
    this.#bytes += sent.bytes;
    this.#queue.push({
      ...sent,
      answer: (code, from) => resolve(readAnswer(question, code, from)),
      fail: reject,
    });
    return promise;
  }

  /** Throws JuteError when the answer is to another question than the oldest, or cannot be read; it then stays open. */
  settle(xid: number, code: number, from: JuteReader): void {
    const oldest = this.#queue[0];
    if (oldest?.xid !== xid) {
      throw new JuteError(`an answer is to question ${xid}, expected was ${oldest?.xid ?? 'none'}`);
    }
    oldest.answer(code, from);
    this.#queue.shift();
    this.#bytes -= oldest.bytes;
  }

  failAll(error: Error): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#bytes = 0;
    for (const { fail } of queue) fail(error);
  }
}

/** A refusal may come with or without a body, such as the results of a multi, which say more than its code. */
function readAnswer<T>(question: Question<T>, code: number, from: JuteReader): Answer<T> {
  if (code !== CODE.ok) return { code, value: null };
  const value = question.read(from);
  from.end();
  return { code, value };
}
