// What a prober says of itself, with or without a store: `status` shows it, and asks no other prober for it.
import type { Clock } from '../base/clock.ts';
import type { OneupError } from '../base/oneup-error.ts';
import type { ProberConfig } from '../config/config.ts';
import type { ConfigStanding } from '../config/config-standing.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { StoreView } from '../ports/store-view.ts';
import type { ServingState } from '../zone/serving-state.ts';
import type { Connected } from './connect-store.ts';
import type { Incarnation } from './incarnation.ts';
import { type LastKnown, readLastKnown } from './last-known.ts';
import type { NameService } from './name-service.ts';
import { type SelfStore, storeHealth } from './store-health.ts';
import { VERSION } from './version.ts';

export type SelfFacts = {
  readonly prober: ProberConfig;
  readonly pid: number;
  readonly clock: Clock;
  /** Why there is no store; counts only without `life`. */
  readonly problem: OneupError;
  readonly life: {
    readonly connected: Connected;
    readonly loaded: LoadedConfig;
    readonly incarnation: Pick<Incarnation, 'isLeading' | 'standing'>;
  } | null;
  /** What the last life had read, for the time without a store; the file of this prober where there was no life. */
  readonly before: { readonly loaded: LoadedConfig; readonly view: StoreView | null };
  readonly serving: ServingState;
  readonly dns: ReturnType<NameService['report']>;
  readonly fileDigest: string;
};

type Self = {
  readonly prober: string;
  readonly vantage: string;
  readonly version: string;
  readonly pid: number;
  readonly isLeading: boolean;
  readonly store: SelfStore | { readonly kind: 'lost'; readonly code: string; readonly reason: string };
  readonly dns: ReturnType<NameService['report']>;
  readonly config: {
    readonly fileDigest: string;
    readonly inForceDigest: string | null;
    /** Null without a store: nobody knows what is in force. */
    readonly standing: ConfigStanding | null;
  };
  /** Only without a store. */
  readonly lastKnown?: readonly LastKnown[];
};

export function describeSelf(facts: SelfFacts): Self {
  const { prober, pid, clock, problem, life, before, serving, dns, fileDigest } = facts;
  return {
    prober: prober.id,
    vantage: prober.vantage,
    version: VERSION,
    pid,
    isLeading: life?.incarnation.isLeading() ?? false,
    store:
      life === null
        ? { kind: 'lost', code: problem.code, reason: problem.message }
        : storeHealth(life.connected, clock),
    dns,
    config: { fileDigest, inForceDigest: life?.loaded.digest ?? null, standing: life?.incarnation.standing() ?? null },
    ...(life === null
      ? { lastKnown: readLastKnown({ config: before.loaded.config, view: before.view, serving, clock }) }
      : {}),
  };
}
