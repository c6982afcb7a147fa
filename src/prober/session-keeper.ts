// Holds the prober's session: opens it, registers the prober under its id, opens another when one is lost, and lets it lapse
// while this process is unfit to vote (S23).
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Session } from '../ports/store.ts';
import type { ProberDeps } from './prober-deps.ts';
import type { RecordBoard } from './record-board.ts';

/** Pause between attempts to open a session or to take the id. */
const RETRY_MS = 200;
/** Two looks further apart than this have something between them that was not seen. */
const GAP_MS = 5 * RETRY_MS;

export type SessionKeeperOptions = {
  readonly deps: ProberDeps;
  readonly board: RecordBoard;
  /** Text of this prober's record at the moment of asking. */
  readonly record: () => string;
  readonly onSession: (session: Session) => void;
  /** A prober that is not fit to vote opens no session (S23). */
  readonly isFit: () => boolean;
};

/**
 * Runs until the signal aborts. Rejects with ONEUP_PROBER_DUPLICATE when another live process keeps the id; a dead
 * process of the same id is waited out first, for as long as its session can live (S5).
 */
export async function keepSession(options: SessionKeeperOptions): Promise<void> {
  const { deps, board } = options;
  const own = `${deps.id}-${deps.processId ?? deps.uniqueId()}-`;
  while (!deps.signal.aborted) {
    const session = await openRegistered(options, own);
    if (session === null) return;
    options.onSession(session);
    board.setSession(session);
    board.set(deps.keys.prober(deps.id), options.record());
    const reason = await Promise.race([session.lost, aborted(deps.signal)]);
    board.setSession(null);
    if (deps.signal.aborted) {
      await session.close().catch(() => undefined);
      return;
    }
    deps.logger.warn({ reason, session: session.id }, 'the session is lost; opening another');
  }
}

/** `own`: what the ids of all sessions of this process begin with. */
async function openRegistered({ deps, record, isFit }: SessionKeeperOptions, own: string): Promise<Session | null> {
  const { sessionTtlMs, rho, marginMs } = deps.config.cluster.timing;
  const occupied = new Occupied();
  while (!deps.signal.aborted) {
    if (!isFit()) {
      await deps.clock.sleep(RETRY_MS, { signal: deps.signal }).catch(() => undefined);
      continue;
    }
    try {
      const session = await deps.store.openSession({ id: `${own}${deps.uniqueId()}`, ttlMs: sessionTtlMs });
      if (await register(deps, session, record())) return session;
      await session.close();
      // A network can deliver a renewal seconds after it was given up: the id is kept by this process, not by a double.
      const holder = (await deps.store.get(deps.keys.prober(deps.id)))?.sessionId ?? '';
      if (holder.startsWith(own)) occupied.notSeen();
      const waitMs = waitForPeriodMs(sessionTtlMs, { rho, marginMs }) + sessionTtlMs;
      if (occupied.seen(deps.clock.monotonicMs()) > waitMs) throw duplicate(deps);
    } catch (error) {
      if (error instanceof OneupError && error.code === 'ONEUP_PROBER_DUPLICATE') throw error;
      occupied.notSeen();
      deps.logger.debug({ err: error }, 'no session yet');
    }
    await deps.clock.sleep(RETRY_MS, { signal: deps.signal }).catch(() => undefined);
  }
  return null;
}

/**
 * How long the id was seen to be taken, look by look. A process that stood still, or did not reach the store, has not seen that
 * anybody renews: what it finds may be its own predecessor, whom nobody had the time to end.
 */
class Occupied {
  #sinceMonoMs: number | null = null;
  #lastMonoMs = 0;

  /** Milliseconds for which it was seen without a gap. */
  seen(nowMonoMs: number): number {
    const isGap = nowMonoMs - this.#lastMonoMs > GAP_MS;
    if (this.#sinceMonoMs === null || isGap) this.#sinceMonoMs = nowMonoMs;
    this.#lastMonoMs = nowMonoMs;
    return nowMonoMs - this.#sinceMonoMs;
  }

  notSeen(): void {
    this.#sinceMonoMs = null;
  }
}

async function register(deps: ProberDeps, session: Session, value: string): Promise<boolean> {
  const key = deps.keys.prober(deps.id);
  const result = await deps.store.commit({
    guards: [
      { kind: 'sessionAlive', sessionId: session.id },
      { kind: 'absent', key },
    ],
    writes: [{ kind: 'put', key, value, sessionId: session.id }],
    token: deps.uniqueId(),
  });
  return result.kind === 'committed';
}

function duplicate(deps: ProberDeps): OneupError {
  return new OneupError(
    'ONEUP_PROBER_DUPLICATE',
    `Cannot join as prober ${deps.id}: another live process has registered this id`,
  );
}

function aborted(signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('stopped');
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
}
