// Leaves a command for the controller and waits for its answer. The request is a record of this prober's session, so that it
// vanishes with a prober that dies; a session that was lost on the way is waited for, like every other hiccup of the store.
import { OneupError } from '../base/oneup-error.ts';
import type { OperatorRequest } from '../controller/read-requests.ts';
import type { ApiSource } from './api-source.ts';

/** The controller answers within a commit; this bounds the wait when there is none. */
const REPLY_MAX_MS = 20_000;
/** Pause before a request that the store did not take is left again. */
const RETRY_MS = 100;
const NEVER = new AbortController().signal;

/** The controller's reply as it was written. Throws ONEUP_CONTROLLER_SILENT when none comes within 20 s. */
export async function passCommand(source: ApiSource, service: string, request: OperatorRequest): Promise<unknown> {
  const { store, keys, view, clock } = source;
  const untilMonoMs = clock.monotonicMs() + REPLY_MAX_MS;
  const id = await leaveRequest(source, { service, value: JSON.stringify(request), untilMonoMs });
  const text = await awaitReply(source, keys.reply(id), untilMonoMs);
  if (text !== null) return JSON.parse(text);
  // Unanswered: taken back, so that it is not done by a controller that comes later.
  await store.commit({
    guards: [],
    writes: [{ kind: 'delete', key: keys.request(service, id) }],
    token: `${id}-taken-back`,
  });
  const silent = view.get(keys.controller) === undefined ? 'no prober is the controller' : 'the controller is silent';
  throw new OneupError('ONEUP_CONTROLLER_SILENT', `Cannot get an answer within ${REPLY_MAX_MS / 1_000} s: ${silent}`);
}

type Request = { readonly service: string; readonly value: string; readonly untilMonoMs: number };

/** Resolves with the request's id once the store has it; throws ONEUP_STORE_UNREACHABLE when it never does. Safe to repeat, because a request that is there is never left twice. */
async function leaveRequest(source: ApiSource, { service, value, untilMonoMs }: Request): Promise<string> {
  const { store, keys, clock } = source;
  const id = source.uniqueId();
  const key = keys.request(service, id);
  for (let attempt = 1; ; attempt += 1) {
    const session = source.session();
    const token = `${id}-${attempt}`;
    if (session !== null) {
      const guards = [{ kind: 'absent', key }] as const;
      const writes = [{ kind: 'put', key, value, sessionId: session.id }] as const;
      const result = await store.commit({ guards, writes, token });
      if (result.kind === 'committed') return id;
      if (result.kind === 'unknown' && (await store.outcomeOf(token)) === 'committed') return id;
      // An attempt whose answer was lost has landed after all.
      if (result.kind === 'conflict' && result.guard.kind === 'absent') return id;
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

async function awaitReply({ view, clock }: ApiSource, key: string, untilMonoMs: number): Promise<string | null> {
  const found = new AbortController();
  const stop = view.onChange(key, () => found.abort());
  const leftMs = Math.max(0, untilMonoMs - clock.monotonicMs());
  if (view.get(key) === undefined) await clock.sleep(leftMs, { signal: found.signal }).catch(() => undefined);
  stop();
  return view.get(key)?.value ?? null;
}
