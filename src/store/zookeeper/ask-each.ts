// Asks many questions over one connection, some ahead of the answers, so that reading a thousand znodes does not take a
// thousand round trips, and so that no more of them are on their way than a server and this process take lightly.
import type { Answer } from './pending-questions.ts';
import type { Question } from './questions.ts';
import { untilAborted } from './until-aborted.ts';
import type { ZookeeperConnection } from './zookeeper-connection.ts';

/** A quarter of a packet each at most, when log records are read: sixteen megabytes. */
const AHEAD_MAX = 64;

export type Asking = { readonly connection: ZookeeperConnection; readonly signal: AbortSignal };

export async function ask<T>({ connection, signal }: Asking, question: Question<T>): Promise<Answer<T>> {
  signal.throwIfAborted();
  return untilAborted(connection.ask(question), signal);
}

/** The answers in the order of the questions. */
export async function askEach<T>(asking: Asking, questions: readonly Question<T>[]): Promise<readonly Answer<T>[]> {
  const { connection, signal } = asking;
  const sent: Promise<Answer<T>>[] = [];
  for (const question of questions) {
    const before = sent[sent.length - AHEAD_MAX];
    if (before !== undefined) await untilAborted(before, signal);
    signal.throwIfAborted();
    sent.push(connection.ask(question));
  }
  return untilAborted(Promise.all(sent), signal);
}
