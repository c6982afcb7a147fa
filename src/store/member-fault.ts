// Why a member did not answer, in a few words: what the network says of it, or what the member itself said. Whoever says
// something is there and refuses; everybody else is silent.
import type { MemberAnswer } from '../ports/store-member.ts';

const REASON_CHARS_MAX = 200;
/** A chain of causes is followed this far. */
const CAUSES_MAX = 8;

/** Nobody is there, or nobody who answers. What each of them is called in the errors of Node and of the drivers. */
const SILENCES: readonly (readonly [said: RegExp, reason: string])[] = [
  [/ECONNREFUSED/, 'connection refused'],
  [/EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN/, 'no route to it'],
  [/ENOTFOUND|EAI_AGAIN/, 'its name is not known'],
  [/ETIMEDOUT/, 'no answer'],
  [
    /ECONNRESET|EPIPE|socket hang up|connection was closed|Connection (?:terminated|lost)/i,
    'the connection was closed',
  ],
  [/^no (?:answer|connection) within \d+ ms$/, ''],
];

/** Never shows what was sent, only what came back (an error of a driver may carry both). */
export function memberFault(error: unknown): MemberAnswer {
  const said = innermostMessage(error);
  const silence = SILENCES.find(([pattern]) => pattern.test(said));
  if (silence === undefined) return answerOf('refuses', said);
  return answerOf('silent', silence[1] === '' ? said : silence[1]);
}

export function answerOf(state: MemberAnswer['state'], reason: string | null = null): MemberAnswer {
  return { state, version: null, bytes: null, reason: reason === null ? null : oneLine(reason) };
}

/** Text of a server on its way to a terminal: one line of bounded length, without control characters. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
  return line.length > REASON_CHARS_MAX ? `${line.slice(0, REASON_CHARS_MAX)}...` : line;
}

function innermostMessage(error: unknown): string {
  let at = error;
  let said = '';
  for (let depth = 0; depth < CAUSES_MAX && at instanceof Error; depth += 1) {
    said = messageOf(at) || said;
    at = at.cause;
  }
  return said === '' ? 'an error without a message' : said;
}

/** Where a name has several addresses, the error of the first stands for those of all. */
function messageOf(error: Error): string {
  if (error.message !== '') return error.message;
  const [first] = error instanceof AggregateError ? error.errors : [];
  return first instanceof Error ? first.message : '';
}
