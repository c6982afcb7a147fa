// The name server of this process: sockets that live as long as the process, fed by whichever configuration is in force.
import { join } from 'node:path';
import type { Config, Endpoint, ProberConfig } from '../config/config.ts';
import type { DrainTracker } from '../server/drain-tracker.ts';
import { startNameServer } from '../server/name-server.ts';
import type { ServerCounts } from '../server/server-counters.ts';
import { SnapshotFile } from '../server/snapshot-file.ts';
import { ZoneFollower, type ZoneSource } from '../server/zone-follower.ts';
import type { ServingState } from '../zone/serving-state.ts';
import type { AppDeps } from './app-deps.ts';

export type NameService = AsyncDisposable & {
  readonly endpoints: readonly Endpoint[];
  /** Follows the store under this configuration until the signal aborts; what was served before stays until then. */
  readonly follow: (config: Config, source: ZoneSource, signal: AbortSignal) => void;
  readonly report: () => NameServiceReport;
  readonly state: () => ServingState;
};

export type NameServiceReport = {
  readonly mode: string;
  readonly zones: readonly {
    readonly zone: string;
    readonly serial: number | null;
    readonly generation: number | null;
  }[];
  readonly counts: ServerCounts;
};

/** How often the age of what is served is looked at. */
const LOOK_MS = 250;

/** Starts to answer from what the last run left on disk, before there is a store (S30, S38). */
export async function startNameService(config: Config, prober: ProberConfig, deps: AppDeps): Promise<NameService> {
  const snapshots = new SnapshotFile(join(config.cluster.stateDir, prober.id, 'zones'));
  const drains = new Map<string, DrainTracker>();
  const create = (inForce: Config, signal: AbortSignal) => {
    return new ZoneFollower({
      prober: prober.id,
      config: inForce,
      clock: deps.clock,
      logger: deps.logger,
      snapshots,
      drains,
      signal,
    });
  };
  let follower = create(config, deps.signal);
  await follower.loadFromDisk();
  const { clock, logger } = deps;
  // S30: time passes with and without a life of the roles, so the look belongs to the server and not to any of them.
  const closed = new AbortController();
  const look = () => {
    if (deps.signal.aborted || closed.signal.aborted) return;
    follower.look();
    clock.timer(LOOK_MS, look);
  };
  const server = await startNameServer({ endpoints: prober.listen, clock, logger, state: () => follower.state() });
  look();
  return {
    endpoints: server.endpoints,
    state: () => follower.state(),
    follow: (inForce, source, signal) => {
      const next = create(inForce, signal);
      next.inherit(follower);
      next.follow(source);
      follower = next;
    },
    report: () => {
      const { mode, zones } = follower.state();
      return {
        mode: mode.kind,
        zones: zones.map((zone) => {
          const snapshot = zone.kind === 'loaded' ? zone.snapshot : null;
          return { zone: zone.zone, serial: snapshot?.serial ?? null, generation: snapshot?.generation ?? null };
        }),
        counts: server.counts(),
      };
    },
    [Symbol.asyncDispose]: () => {
      closed.abort();
      return server[Symbol.asyncDispose]();
    },
  };
}
