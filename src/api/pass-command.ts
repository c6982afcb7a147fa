// Leaves a command for the controller and waits for its answer. The request is a record of this prober's session, so that it
// vanishes with a prober that dies; a session that was lost on the way is waited for, like every other hiccup of the store.
import { OneupError } from '../base/oneup-error.ts';
import type { OperatorRequest } from '../controller/read-requests.ts';
import type { ApiSource } from './api-source.ts';

/** The controller answers within a commit; this bounds the wait when there is none. */
const REPLY_MAX_MS = 20_000;
/** Pause before a request that the store did not take is left again. */
const RETRY_MS = 100;
/** How often a request without an answer is looked after. */
const LOOK_MS = 500;
/** Whether it was done before both sessions were lost cannot be told, and doing it twice is worse than asking the person. */
const ONCE_ONLY: readonly string[] = ['fenceTest', 'drill'];
const NEVER = new AbortController().signal;

/**
 * The controller's reply as it was written. Throws ONEUP_CONTROLLER_SILENT when none comes within 20 s. A request that went with
 * the session of this prober before anybody saw it is left again.
 */
export async function passCommand(source: ApiSource, service: string, request: OperatorRequest): Promise<unknown> {
  const { store, keys, view, clock } = source;
  const id = source.uniqueId();
  const asked: Asked = {
    id,
    key: keys.request(service, id),
    value: JSON.stringify(request),
    untilMonoMs: clock.monotonicMs() + REPLY_MAX_MS,
  };
  for (let round = 1; clock.monotonicMs() < asked.untilMonoMs; round += 1) {
    const sessionId = await leaveRequest(source, asked, round);
    const text = await awaitReply(source, asked, sessionId);
    if (text !== null) return JSON.parse(text);
    if (ONCE_ONLY.includes(request.command.kind)) break;
  }
  // Unanswered: taken back, so that it is not done by a controller that comes later.
  await store.commit({ guards: [], writes: [{ kind: 'delete', key: asked.key }], token: `${id}-taken-back` });
  const silent = view.get(keys.controller) === undefined ? 'no prober is the controller' : 'the controller is silent';
  throw new OneupError('ONEUP_CONTROLLER_SILENT', `Cannot get an answer within ${REPLY_MAX_MS / 1_000} s: ${silent}`);
}

type Asked = {
  readonly id: string;
  readonly key: string;
  readonly value: string;
  readonly untilMonoMs: number;
};

/** Resolves with the session that the request goes with once the store has it; throws ONEUP_STORE_UNREACHABLE when it never does. Safe to repeat, because a request that is there is never left twice. */
async function leaveRequest(source: ApiSource, { id, key, value, untilMonoMs }: Asked, round: number): Promise<string> {
  const { store, clock } = source;
  for (let attempt = 1; ; attempt += 1) {
    const session = source.session();
    const token = `${id}-${round}-${attempt}`;
    if (session !== null) {
      const guards = [{ kind: 'absent', key }] as const;
      const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
      const result = await store.commit({ guards, writes, token });
      if (result.kind === 'committed') return session.id;
      if (result.kind === 'unknown' && (await store.outcomeOf(token)) === 'committed') return session.id;
      // An attempt whose answer was lost has landed after all.
      if (result.kind === 'conflict' && result.guard.kind === 'absent') return session.id;
    }
    if (clock.monotonicMs() >= untilMonoMs) {
      throw new OneupError(
        'ONEUP_STORE_UNREACHABLE',
        'Cannot pass the command on: this prober has no session in the store',
        {
          remedy: 'See oneup status for what is wrong with the store, or send the command to another prober',
        },
      );
    }
    await clock.sleep(RETRY_MS, { signal: NEVER });
  }
}

/** null when no reply came in time, or when the request is gone with the session that it was left under. */
async function awaitReply(source: ApiSource, asked: Asked, sessionId: string): Promise<string | null> {
  const { view, clock, keys } = source;
  const reply = keys.reply(asked.id);
  while (clock.monotonicMs() < asked.untilMonoMs) {
    const found = new AbortController();
    const stop = view.onChange(reply, () => found.abort());
    const pauseMs = Math.min(LOOK_MS, Math.max(0, asked.untilMonoMs - clock.monotonicMs()));
    if (view.get(reply) === undefined) await clock.sleep(pauseMs, { signal: found.signal }).catch(() => undefined);
    stop();
    const text = view.get(reply)?.value;
    if (text !== undefined) return text;
    if (source.session()?.id !== sessionId && (await isLost(source, asked))) return null;
  }
  return null;
}

/** Neither asked nor answered any more, by the store itself: a request is answered in the commit that takes it. */
async function isLost({ store, keys }: ApiSource, { id, key }: Asked): Promise<boolean> {
  try {
    return (await store.get(key)) === null && (await store.get(keys.reply(id))) === null;
  } catch {
    // Without the store nothing is known of it; the next look asks again.
    return false;
  }
}
