// What the controller is given. The ports it acts through can be wrapped by tests, and by nothing else.
import type { Clock } from '../base/clock.ts';
import type { DomainName, NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, Endpoint } from '../config/config.ts';
import type { Alert } from '../failover/machine-effect.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import type { Logger } from '../ports/logger.ts';
import type { NodeDriver } from '../ports/node-driver.ts';
import type { Session, Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';

export type ControllerDeps = {
  readonly id: ProberId;
  readonly config: Config;
  readonly generation: number;
  /** Version of `config/current` under which this controller decides; every commit is guarded by it (S7). */
  readonly configVersion: number | null;
  readonly keys: StoreKeys;
  readonly store: Store;
  readonly view: StoreView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ports: ControllerPorts;
  readonly uniqueId: () => string;
  readonly signal: AbortSignal;
};

/** Everything through which a controller changes or asks something outside the store. */
export type ControllerPorts = {
  readonly driver: (service: ServiceId, node: NodeId) => NodeDriver;
  readonly provider: (name: string) => DnsProvider;
  readonly askNameServer: AskNameServer;
  /** Returns at once; delivery goes on by itself and is bounded. */
  readonly alert: (service: ServiceId, alert: Alert) => void;
  readonly onSchedule: OnSchedule;
  /** Tells the process that bounds local scripts until when they may run, on the clock that counts suspension (S12). */
  readonly extendDeadline: (mayActUntilBootMs: number) => void;
};

/** Calls `fire` at every time that the cron pattern names, in UTC, until the returned function is called. */
export type OnSchedule = (pattern: string, fire: () => void) => () => void;

/** Asks one name server directly; the values it answers, or why it did not. */
export type AskNameServer = (
  question: { readonly server: Endpoint; readonly name: DomainName; readonly type: 'A' | 'AAAA' },
  options: { readonly signal: AbortSignal },
) => Promise<
  { readonly kind: 'answer'; readonly values: readonly string[] } | { readonly kind: 'silent'; readonly reason: string }
>;

/** The right to act: the term, its session, and a signal that aborts when the right ends (S8). */
export type Tenure = {
  readonly term: number;
  readonly termVersion: number;
  readonly session: Session;
  readonly signal: AbortSignal;
  /** Checked immediately before every external effect (S8, S3). */
  readonly mayAct: () => boolean;
  readonly resign: (reason: string) => void;
};
