// What the controller is given. The ports it acts through can be wrapped by tests, and by nothing else.
import type { Clock } from '../base/clock.ts';
import type { DomainName, NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { StoreKeys } from '../base/store-keys.ts';
import type { Config, Endpoint } from '../config/config.ts';
import type { Alert } from '../failover/machine-effect.ts';
import type { CallPriority } from '../plan/call-budget.ts';
import type { DnsProvider } from '../ports/dns-provider.ts';
import type { Logger } from '../ports/logger.ts';
import type { NodeDriver } from '../ports/node-driver.ts';
import type { Session, Store } from '../ports/store.ts';
import type { StoreView } from '../ports/store-view.ts';

export type ControllerDeps = {
  readonly id: ProberId;
  readonly config: Config;
  readonly generation: number;
  /** Version of the cluster's record that tells this generation: a term is taken only while it stands (S4) [unguarded]. */
  readonly metaVersion?: number;
  /** Version of `config/current` under which this controller decides; every commit is guarded by it (S7). */
  readonly configVersion: number | null;
  /** Of the text of that record; without it nobody is taken to run another configuration. */
  readonly inForceDigest?: string | null;
  readonly keys: StoreKeys;
  readonly store: Store;
  readonly view: StoreView;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ports: ControllerPorts;
  readonly uniqueId: () => string;
  /** Keeps a record that goes with this prober's session; null removes it. */
  readonly report: (key: string, value: string | null) => void;
  readonly signal: AbortSignal;
};

/** Everything through which a controller changes or asks something outside the store. */
export type ControllerPorts = {
  /** For this term: what travels through the store is guarded by it (S8). */
  readonly driver: (service: ServiceId, node: NodeId, tenure: Tenure) => NodeDriver;
  /** Without a priority it is for looking. */
  readonly provider: (name: string, priority?: CallPriority) => DnsProvider;
  readonly askNameServer: AskNameServer;
  readonly findNameServers: FindNameServers;
  /** Returns at once; delivery goes on by itself and is bounded. */
  readonly alert: (service: ServiceId, alert: Alert) => void;
  readonly onSchedule: OnSchedule;
  /** Tells the process that bounds local scripts until when they may run, on the clock that counts suspension (S12). */
  readonly extendDeadline: (mayActUntilBootMs: number) => void;
};

/** Calls `fire` at every time that the cron pattern names, in UTC, until the returned function is called. */
export type OnSchedule = (pattern: string, fire: () => void) => () => void;

/** Asks one name server directly, or a resolver; the values it answers, or why it did not. Of an SOA the value is its serial. */
export type AskNameServer = (
  question: {
    readonly server: Endpoint;
    readonly name: DomainName;
    readonly type: 'A' | 'AAAA' | 'CNAME' | 'SOA';
    readonly transport?: 'udp' | 'tcp';
    readonly isRecursive?: boolean;
  },
  options: { readonly signal: AbortSignal },
) => Promise<
  | { readonly kind: 'answer'; readonly values: readonly string[]; readonly ttlSeconds: number | null }
  | { readonly kind: 'silent'; readonly reason: string; readonly isOutOfReach?: true }
>;

/** The servers that answer for a zone, with the addresses of each. */
export type FindNameServers = (
  zone: DomainName,
  options: { readonly resolvers: readonly Endpoint[]; readonly signal: AbortSignal },
) => Promise<
  | {
      readonly kind: 'found';
      readonly servers: readonly { readonly name: DomainName; readonly addresses: readonly string[] }[];
    }
  | { readonly kind: 'unknown'; readonly reason: string }
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
