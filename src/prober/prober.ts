// The prober role: one session, one board, one self-check, and a watch for every service on which it votes by the configuration
// in force (S24). One without any has nothing to see; it stays fit, answers DNS and may lead. One that cannot load what is in
// force looks at nothing: its old file may name other addresses (S7).
import type { ServiceConfig } from '../config/config.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { Session } from '../ports/store.ts';
import { Fitness } from './fitness.ts';
import type { ProberDeps } from './prober-deps.ts';
import { RecordBoard } from './record-board.ts';
import { SelfCheck } from './self-check.ts';
import { ServiceWatch } from './service-watch.ts';
import { keepSession } from './session-keeper.ts';

export type Prober = {
  /** Rejects when the prober cannot go on, such as with a duplicate id. */
  readonly done: Promise<void>;
  /** Records that other roles of this process leave under the same session. */
  readonly board: RecordBoard;
  /** The session that lives now, or null. */
  readonly session: () => Session | null;
  /** Told to everybody with the record of this prober. */
  readonly setConfigStanding: (standing: ConfigStanding) => void;
  /** Whether this process may vote, and lead (S23). */
  readonly isFit: () => boolean;
};

export type ProberInfo = {
  readonly digest: string;
  readonly pid: number;
  readonly configStanding: ConfigStanding;
  /** The agent of a node that runs in the same process [none]. */
  readonly agent?: string | null;
};

/** Starts looking at once; votes as soon as the store gives a session. Stops with the signal in `deps`. */
export function startProber(deps: ProberDeps, info: ProberInfo): Prober {
  const board = new RecordBoard(deps);
  const startedWallMs = deps.clock.wallMs();
  let session: Session | null = null;
  let { configStanding } = info;
  const selfCheck = new SelfCheck(deps, () => board.set(deps.keys.prober(deps.id), record()));
  const record = () =>
    JSON.stringify({
      id: deps.id,
      vantage: deps.config.cluster.probers.find((prober) => prober.id === deps.id)?.vantage ?? '',
      version: deps.version,
      digest: info.digest,
      configStanding,
      pid: info.pid,
      agent: info.agent ?? null,
      startedWallMs,
      selfCheck: selfCheck.state,
    });
  const isBlind = info.configStanding === 'unloadable';
  const own = deps.config.services.filter(({ probers }) => probers.some((prober) => prober.id === deps.id));
  const services = isBlind ? [] : own;
  const fitness = new Fitness({
    clock: deps.clock,
    sessionTtlMs: deps.config.cluster.timing.sessionTtlMs,
    slowestRoundMs: slowestRoundMs(services),
    signal: deps.signal,
    onChange: (isFit, reason) => {
      deps.logger[isFit ? 'info' : 'warn']({ reason }, isFit ? 'fit to vote again' : 'unfit to vote');
      session?.setRenewing(isFit);
    },
  });
  const watches = services.map(
    (service) => new ServiceWatch({ deps, service, board, selfCheck, onRound: () => fitness.roundCompleted() }),
  );
  for (const watch of watches) watch.start();
  fitness.start();
  void selfCheck.run();
  const done = keepSession({
    deps,
    board,
    record,
    isFit: () => fitness.isFit,
    onSession: (opened) => {
      if (session !== null) for (const watch of watches) watch.forget();
      session = opened;
    },
  }).finally(() => {
    for (const watch of watches) watch.stop();
  });
  return {
    done,
    board,
    session: () => session,
    isFit: () => fitness.isFit,
    setConfigStanding: (standing) => {
      configStanding = standing;
      board.set(deps.keys.prober(deps.id), record());
    },
  };
}

function slowestRoundMs(services: readonly ServiceConfig[]): number {
  const checks = services.flatMap((service) => service.nodes.flatMap((node) => [node.check, node.activeCheck]));
  // Not Math.max(...checks): a call takes no more arguments than its stack holds.
  return checks.reduce((slowest, check) => Math.max(slowest, check.intervalMs, check.timeoutMs), 0);
}
