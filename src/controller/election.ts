// Who is the controller: the prober whose session holds the key `controller`, in a term that rises with every holder (S5, S9).
// A lost session is never used to campaign again (S8); a predecessor that did not resign cleanly is waited out (S9).
import { waitForPeriodMs } from '../base/clock-bounds.ts';
import { OneupError } from '../base/oneup-error.ts';
import type { Session, StoreEntry } from '../ports/store.ts';
import type { ControllerDeps, Tenure } from './controller-deps.ts';
import { encodeTerm, parseTerm, type TermRecord } from './term-record.ts';

export type Election = {
  /** Runs one term. The signal of `tenure` aborts when the right to act ends; resolves when everything is at rest. */
  readonly lead: (tenure: Tenure) => Promise<{ readonly isAtRest: boolean }>;
  /** Whether this prober may campaign at all: fit, and able to load the configuration in force (S7). */
  readonly mayCampaign: () => boolean;
};

const RETRY_MS = 250;
/** Pause after a term that ended early, so that a controller that cannot work does not win again and again. */
const AFTER_TERM_MS = 1_000;

/** Campaigns and leads until the signal aborts. Never rejects. */
export async function runElection(deps: ControllerDeps, election: Election): Promise<void> {
  while (!deps.signal.aborted) {
    try {
      const won = election.mayCampaign() && isVacant(deps) ? await campaign(deps) : null;
      if (won === null) await waitForVacancy(deps);
      else await serve(deps, election, won);
    } catch (error) {
      if (deps.signal.aborted) return;
      // A store that is away says so elsewhere; a record that cannot be read keeps every controller from working.
      const level = error instanceof OneupError && error.code === 'ONEUP_STORE_CORRUPT' ? 'error' : 'debug';
      deps.logger[level]({ err: error }, 'no campaign is possible now');
      await pause(deps, RETRY_MS);
    }
  }
}

type Won = {
  readonly session: Session;
  readonly term: number;
  readonly termVersion: number;
  readonly before: TermRecord;
};

function isVacant(deps: ControllerDeps): boolean {
  return deps.view.revision() > 0 && deps.view.get(deps.keys.controller) === undefined;
}

async function campaign(deps: ControllerDeps): Promise<Won | null> {
  const { store, keys, config, id } = deps;
  const termEntry = await store.get(keys.term);
  const before = parseTerm(termEntry?.value);
  const { sessionTtlMs } = config.cluster.timing;
  const session = await store.openSession({ id: `${id}-controller-${deps.uniqueId()}`, ttlMs: sessionTtlMs });
  try {
    const won = await takeTerm(deps, { session, termEntry, before });
    if (won !== null) return won;
  } catch (error) {
    // A session that nobody closes would renew itself for ever.
    await session.close().catch(() => undefined);
    throw error;
  }
  // An unknown outcome is not worth settling: the session ends, and with it whatever was written.
  await session.close().catch(() => undefined);
  return null;
}

type Campaign = { readonly session: Session; readonly termEntry: StoreEntry | null; readonly before: TermRecord };

async function takeTerm(deps: ControllerDeps, { session, termEntry, before }: Campaign): Promise<Won | null> {
  const { store, keys, id, metaVersion } = deps;
  const term = before.term + 1;
  const result = await store.commit({
    guards: [
      { kind: 'sessionAlive', sessionId: session.id },
      { kind: 'absent', key: keys.controller },
      termEntry === null
        ? { kind: 'absent', key: keys.term }
        : { kind: 'version', key: keys.term, version: termEntry.version },
      // Nobody leads in a generation that is over, or while `init --force` or `recover` writes the records anew (S4).
      ...(metaVersion === undefined ? [] : [{ kind: 'version', key: keys.meta, version: metaVersion } as const]),
    ],
    writes: [
      { kind: 'put', key: keys.controller, value: JSON.stringify({ prober: id, term }), sessionId: session.id },
      { kind: 'put', key: keys.term, value: encodeTerm({ term, holder: id, state: 'held', ttlMs: session.ttlMs }) },
    ],
    token: deps.uniqueId(),
  });
  return result.kind === 'committed' ? { session, term, termVersion: result.revision, before } : null;
}

async function serve(deps: ControllerDeps, election: Election, won: Won): Promise<void> {
  const { session, term, termVersion, before } = won;
  const end = new AbortController();
  const resign = (reason: string) => {
    if (end.signal.aborted) return;
    deps.logger.warn({ term, reason }, 'the term ends');
    end.abort(new Error(reason));
  };
  const onShutdown = () => resign(deps.signal.reason instanceof Error ? deps.signal.reason.message : 'shutting down');
  deps.signal.addEventListener('abort', onShutdown, { once: true });
  void session.lost.then((reason) => resign(`the controller session is lost: ${reason}`));
  const tenure: Tenure = {
    term,
    termVersion,
    session,
    signal: end.signal,
    mayAct: () => !end.signal.aborted && deps.clock.bootMs() < session.mayActUntilBootMs(),
    resign,
  };
  deps.logger.info({ term, predecessor: before.holder, state: before.state }, 'controller of a new term');
  watchDeadline(deps, tenure);
  try {
    await waitOutPredecessor(deps, tenure, before);
    const { isAtRest } = await election.lead(tenure);
    if (isAtRest) await resignCleanly(deps, tenure);
  } finally {
    resign('the term is over');
    deps.signal.removeEventListener('abort', onShutdown);
    await session.close().catch(() => undefined);
    await pause(deps, AFTER_TERM_MS);
  }
}

/** S9: the predecessor's ttl, margin and kill time pass before the first effect, unless it left a clean `idle`. */
async function waitOutPredecessor(deps: ControllerDeps, tenure: Tenure, before: TermRecord): Promise<void> {
  if (before.state === 'idle') return;
  const { killTimeMs, rho, marginMs } = deps.config.cluster.timing;
  const waitMs = waitForPeriodMs(before.ttlMs, { rho, marginMs }) + killTimeMs;
  deps.logger.info({ term: tenure.term, waitMs }, 'waiting until the predecessor has certainly stopped');
  await deps.clock.sleep(waitMs, { signal: tenure.signal });
}

/** The runner hears of every renewal, and the term ends by our own clock when renewals stop (S3, S12). */
function watchDeadline(deps: ControllerDeps, tenure: Tenure): void {
  const everyMs = Math.max(20, Math.floor(tenure.session.ttlMs / 20));
  const look = () => {
    if (tenure.signal.aborted) return;
    const untilBootMs = tenure.session.mayActUntilBootMs();
    if (deps.clock.bootMs() >= untilBootMs) return tenure.resign('the may-act deadline has passed');
    deps.ports.extendDeadline(untilBootMs);
    deps.clock.timer(everyMs, look);
  };
  look();
}

/** Nothing is in flight, so the next term need not wait for us. */
async function resignCleanly(deps: ControllerDeps, { term, termVersion, session }: Tenure): Promise<void> {
  await deps.store
    .commit({
      guards: [
        { kind: 'sessionAlive', sessionId: session.id },
        { kind: 'version', key: deps.keys.term, version: termVersion },
      ],
      writes: [
        { kind: 'delete', key: deps.keys.controller },
        {
          kind: 'put',
          key: deps.keys.term,
          value: encodeTerm({ term, holder: deps.id, state: 'idle', ttlMs: session.ttlMs }),
        },
      ],
      token: deps.uniqueId(),
    })
    .catch((error: unknown) => deps.logger.debug({ err: error }, 'no clean resignation; the next term waits'));
}

async function waitForVacancy(deps: ControllerDeps): Promise<void> {
  const wake = new AbortController();
  const stop = deps.view.onChange(deps.keys.controller, () => wake.abort());
  await deps.clock.sleep(RETRY_MS, { signal: AbortSignal.any([deps.signal, wake.signal]) }).catch(() => undefined);
  stop();
}

async function pause(deps: ControllerDeps, ms: number): Promise<void> {
  await deps.clock.sleep(ms, { signal: deps.signal }).catch(() => undefined);
}
