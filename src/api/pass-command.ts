// Leaves a command for the controller and waits for its answer. The request is a record of this prober's session, so that it
// vanishes with a prober that dies; a session that was lost on the way is waited for, like every other hiccup of the store.
import { createHash } from 'node:crypto';
import type { ServiceId } from '../base/ids.ts';
import { OneupError } from '../base/oneup-error.ts';
import { dropOldReplies, type OperatorRequest } from '../controller/read-requests.ts';
import type { CommitRequest, Session, Store } from '../ports/store.ts';
import type { ApiSource } from './api-source.ts';

/** The controller answers within a commit; this bounds the wait when there is none. */
const REPLY_MAX_MS = 20_000;
/** Pause before a request that the store did not take is left again. */
const RETRY_MS = 100;
/** How often a request without an answer is looked after. */
const LOOK_MS = 500;
/** As many hexadecimal digits as name a request. */
const ID_CHARS = 32;
const NEVER = new AbortController().signal;

export type PassedCommand = {
  readonly request: OperatorRequest;
  /** Chosen by the client, the same for each attempt through whatever prober; null: each attempt is a request of its own. */
  readonly idempotencyKey: string | null;
};

/**
 * The controller's reply as it was written. Throws ONEUP_CONTROLLER_SILENT when none comes within 20 s: the request is taken back
 * then and is never done, unless the message says otherwise. Safe to repeat with the same key: what was answered, or taken back,
 * is not left again, and the same is told once more. A request that went with the session of a prober before anybody saw it is
 * left again. Throws ONEUP_STORE_CORRUPT for a reply that cannot be read.
 */
export async function passCommand(source: ApiSource, service: ServiceId, command: PassedCommand): Promise<unknown> {
  const { keys, clock } = source;
  const id = requestId(source, service, command);
  const asked: Asked = {
    key: keys.request(service, id),
    reply: keys.reply(id),
    value: JSON.stringify(command.request),
    untilMonoMs: clock.monotonicMs() + REPLY_MAX_MS,
  };
  while (clock.monotonicMs() < asked.untilMonoMs) {
    await leaveRequest(source, asked);
    const text = await awaitReply(source, asked);
    if (text !== null) return readReply(asked, text);
  }
  return readReply(asked, await takeBack(source, asked));
}

type Asked = {
  readonly key: string;
  readonly reply: string;
  readonly value: string;
  readonly untilMonoMs: number;
};

/** A key that comes with another command, or for another service, names another request. */
function requestId(source: ApiSource, service: ServiceId, { request, idempotencyKey }: PassedCommand): string {
  if (idempotencyKey === null) return source.uniqueId();
  const text = JSON.stringify([idempotencyKey, service, request]);
  return createHash('sha256').update(text).digest('hex').slice(0, ID_CHARS);
}

/**
 * Resolves once the store has the request, or its reply; throws ONEUP_STORE_UNREACHABLE when it never does. Safe to repeat:
 * what is there, or was answered, is never left twice, however late an attempt lands.
 */
async function leaveRequest(source: ApiSource, asked: Asked): Promise<void> {
  const { clock } = source;
  let isInDoubt = false;
  while (true) {
    const session = source.session();
    const outcome: AttemptOutcome =
      session === null ? 'failed' : await leaveOnce(source, asked, { session, isInDoubt });
    if (outcome === 'left') return;
    isInDoubt ||= outcome === 'unknown';
    if (clock.monotonicMs() >= asked.untilMonoMs) throw notPassedOn(isInDoubt);
    await clock.sleep(RETRY_MS, { signal: NEVER });
  }
}

type AttemptOutcome = 'left' | 'failed' | 'unknown';

type Attempt = {
  readonly session: Session;
  readonly isInDoubt: boolean;
};

/** Throws what the store says of an attempt of which nothing was sent, unless an earlier one may have landed. */
async function leaveOnce(
  source: ApiSource,
  { key, reply, value }: Asked,
  { session, isInDoubt }: Attempt,
): Promise<AttemptOutcome> {
  const { store } = source;
  const token = source.uniqueId();
  const guards = [key, reply].map((absent) => ({ kind: 'absent', key: absent }) as const);
  const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
  const result = await store.commit({ guards, writes, token }).catch((error: unknown) => {
    if (isInDoubt) return null;
    throw error;
  });
  switch (result?.kind) {
    case 'committed':
      return 'left';
    case 'conflict':
      // An attempt whose answer was lost has landed after all, or another prober was asked the same.
      return result.guard.kind === 'absent' ? 'left' : 'failed';
    case 'unknown':
      return store.outcomeOf(token).then(
        (outcome) => (outcome === 'committed' ? 'left' : 'unknown'),
        () => 'unknown',
      );
    case undefined:
      return 'failed';
  }
}

function notPassedOn(isInDoubt: boolean): OneupError {
  const outcome = isInDoubt ? '; it may have arrived all the same' : '';
  return new OneupError(
    'ONEUP_STORE_UNREACHABLE',
    `Cannot pass the command on: this prober has no session in the store${outcome}`,
    { remedy: 'See oneup status for what is wrong with the store, or send the command to another prober' },
  );
}

/**
 * What nobody answered is not done by a controller that comes later: the mark in the place of a reply also keeps an attempt out that is
 * still on its way to the store. Resolves with that mark, or with the reply that came first.
 */
async function takeBack({ store, view, keys, uniqueId }: ApiSource, { key, reply }: Asked): Promise<string> {
  const silent = view.get(keys.controller) === undefined ? 'no prober is the controller' : 'the controller is silent';
  const mark = JSON.stringify({ kind: 'taken-back', silent } satisfies TakenBack);
  const request: CommitRequest = {
    guards: [{ kind: 'absent', key: reply }],
    writes: [
      { kind: 'delete', key },
      { kind: 'put', key: reply, value: mark },
      // While there is no controller nobody else makes room.
      ...dropOldReplies({ view, keys }),
    ],
    token: uniqueId(),
  };
  const text = await settled(store, { request, mark, reply });
  if (text === null) throw silence(silent, 'the command may still be done');
  return text;
}

type TakingBack = { readonly request: CommitRequest; readonly mark: string; readonly reply: string };

/** What stands in the place of the reply now; null where the store cannot tell. Throws ONEUP_STORE_UNREACHABLE without the store. */
async function settled(store: Store, { request, mark, reply }: TakingBack): Promise<string | null> {
  try {
    const { kind } = await store.commit(request);
    return kind === 'committed' ? mark : ((await store.get(reply))?.value ?? null);
  } catch (cause) {
    // The request was left, and a controller that has the store may still find it; so may the next prober that is asked.
    const message = 'Cannot get an answer: the store cannot be reached from here; the command may still be done';
    throw new OneupError('ONEUP_STORE_UNREACHABLE', message, { cause });
  }
}

type TakenBack = { readonly kind: 'taken-back'; readonly silent: string };

function readReply({ reply: key }: Asked, text: string): unknown {
  const reply = parseReply(text);
  if (reply === null)
    throw new OneupError('ONEUP_STORE_CORRUPT', `Cannot read the answer to the command: the record ${key} is damaged`, {
      remedy: 'The command was taken, and is not done again: see oneup history for what came of it',
    });
  if (reply.kind === 'taken-back') throw silence((reply as TakenBack).silent, 'the command was taken back');
  return reply;
}

function parseReply(text: string): { readonly kind: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'kind' in value ? value : null;
  } catch {
    return null;
  }
}

function silence(silent: string, outcome: string): OneupError {
  const message = `Cannot get an answer within ${REPLY_MAX_MS / 1_000} s: ${silent}; ${outcome}`;
  return new OneupError('ONEUP_CONTROLLER_SILENT', message);
}

/** null when no reply came in time, or when the request is gone with the session that it was left under. */
async function awaitReply(source: ApiSource, asked: Asked): Promise<string | null> {
  const { view, clock } = source;
  while (clock.monotonicMs() < asked.untilMonoMs) {
    const found = new AbortController();
    const stop = view.onChange(asked.reply, () => found.abort());
    const pauseMs = Math.min(LOOK_MS, Math.max(0, asked.untilMonoMs - clock.monotonicMs()));
    if (view.get(asked.reply) === undefined)
      await clock.sleep(pauseMs, { signal: found.signal }).catch(() => undefined);
    stop();
    const text = view.get(asked.reply)?.value;
    if (text !== undefined) return text;
    if (view.get(asked.key) === undefined && (await isLost(source, asked))) return null;
  }
  return null;
}

/** Neither asked nor answered any more, by the store itself: a request is answered in the commit that takes it. */
async function isLost({ store }: ApiSource, { key, reply }: Asked): Promise<boolean> {
  try {
    return (await store.get(key)) === null && (await store.get(reply)) === null;
  } catch {
    // Without the store nothing is known of it; the next look asks again.
    return false;
  }
}
