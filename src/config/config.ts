// The resolved configuration: frozen, every default applied, every {placeholder} expanded, every duration in milliseconds.
// src/config/schema describes the text that people write; docs/configuration.md is the reference.
import type { DomainName, NodeId, ProberId, ServiceId } from '../base/ids.ts';
import type { Secret } from '../base/secret.ts';
import type { Rrset } from '../dns/rrset.ts';
import type { PublishedAnswer } from '../plan/published-answer.ts';
import type { ActionConfig } from './action-config.ts';
import type { AlertsConfig } from './alerts-config.ts';
import type { ApiTlsConfig } from './api-config.ts';
import type { CheckTarget } from './check-target.ts';
import type { Endpoint } from './endpoint.ts';
import type { NodeAgentConfig } from './node-agent.ts';
import type { ProviderConfig } from './provider-config.ts';

export type { CheckTarget } from './check-target.ts';
export type { Endpoint } from './endpoint.ts';

export type Config = {
  readonly cluster: ClusterConfig;
  readonly dns: DnsConfig;
  readonly providers: readonly ProviderConfig[];
  readonly services: readonly ServiceConfig[];
  readonly alerts: AlertsConfig;
  /**
   * Values that came from `${env:}` or `${file:}`; never shown, removed from every evidence. `JSON.stringify` and
   * `util.inspect` of the whole Config mask them wherever they stand.
   */
  readonly secrets: readonly Secret[];
};

export type ClusterConfig = {
  readonly name: string;
  readonly store: StoreConfig;
  readonly quorum: {
    readonly minVantages: number;
    /** How many probers look at each service; null: all of them. */
    readonly probersPerCheck: number | null;
  };
  readonly probers: readonly ProberConfig[];
  /** Targets outside the cluster; a prober that reaches none of them abstains (S22). May be empty. */
  readonly references: readonly ReferenceTarget[];
  /** Absolute directory for sockets, snapshots, high-water marks and the guard's state; one sub-directory per prober. */
  readonly stateDir: string;
  readonly timing: TimingConfig;
  /** For the listeners of the API; null: they listen on loopback, or nowhere. */
  readonly apiTls: ApiTlsConfig | null;
};

export type StoreConfig =
  | { readonly kind: 'sqlite' /** Absolute path. */; readonly path: string }
  /** URLs of the client endpoints, without a path. */
  | ({ readonly kind: 'etcd'; readonly endpoints: readonly string[] } & RemoteStoreConfig)
  | ({ readonly kind: 'zookeeper'; readonly endpoints: readonly Endpoint[] } & RemoteStoreConfig)
  | ({
      readonly kind: 'postgres' | 'mysql';
      readonly endpoints: readonly Endpoint[];
      readonly database: string;
    } & RemoteStoreConfig);

/** What all engines behind a network need. */
export type RemoteStoreConfig = {
  readonly username: string | null;
  readonly password: Secret | null;
  readonly tls: StoreTlsConfig | null;
  /** Longest wait for one answer [2s]. */
  readonly callTimeoutMs: number;
};

/** PEM texts; null stands for the roots of the system, no certificate of our own, and the host of the endpoint. */
export type StoreTlsConfig = {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: Secret | null;
  readonly serverName: string | null;
};

export type ProberConfig = {
  readonly id: ProberId;
  readonly vantage: string;
  readonly address: string;
  /** Where this prober's name server listens: its own list, or `dns.listen`. */
  readonly listen: readonly Endpoint[];
  /** Where it listens for agents: its own list, or `cluster.api.listen`; may be empty. */
  readonly apiListen: readonly Endpoint[];
};

export type ReferenceTarget =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

/** Defaults in brackets; tests shorten them. */
export type TimingConfig = {
  /** Life of a prober's and the controller's session without renewal [15s]. */
  readonly sessionTtlMs: number;
  /** rho of S1 [0.01]. */
  readonly rho: number;
  /** m of S1 [2s]. */
  readonly marginMs: number;
  /** What the runner needs to end a script, S9 [1s]. */
  readonly killTimeMs: number;
  /** No automatic operation before this long in a term, S9 [sessionTtl]. */
  readonly startupGraceMs: number;
  /** A watch silent for this long re-lists, S6 [30s]. */
  readonly watchTimeoutMs: number;
  /** Age of the last store read after which a name server caps its TTLs, S30 [10s]. */
  readonly lostAfterMs: number;
  /** Age after which a name server steps aside or goes on serving, S30 [10m]. */
  readonly staleAfterMs: number;
  /** How long a prober's file may differ from the record in force before it is told, S7. */
  readonly driftAfterMs: number;
  /** How long an agreed-down node whose own agent says it runs gets before a failover [60s]. */
  readonly reachGraceMs: number;
};

export type DnsConfig = {
  readonly listen: readonly Endpoint[];
  readonly zones: readonly ZoneConfig[];
  /** What a name server without a fresh store does after staleAfter, S30. */
  readonly onStale: 'refuse' | 'serve';
  /** Asked after each cutover what they still hold; also where the name servers of zones behind an API are looked up. */
  readonly resolvers: readonly Endpoint[];
  /** How long name servers behind an API have to answer anew before they are called late [1m]. */
  readonly patienceMs: number;
};

export type ZoneConfig = {
  readonly name: DomainName;
  /** Probers that are name servers of the zone, with the name each has in NS records. */
  readonly nameServers: readonly { readonly prober: ProberId; readonly name: DomainName }[];
  readonly hostmaster: DomainName;
  readonly soa: {
    readonly refreshSeconds: number;
    readonly retrySeconds: number;
    readonly expireSeconds: number;
    /** Negative TTL (RFC 2308) [5]. */
    readonly minimumSeconds: number;
    readonly ttlSeconds: number;
  };
  /** RRsets that stand beside the managed ones: all but SOA. NS at the apex and glue come from `nameServers`. */
  readonly records: readonly Rrset[];
};

export type ServiceConfig = {
  readonly id: ServiceId;
  readonly mode: 'active-passive' | 'active-active';
  /** Null for active-passive. */
  readonly activeActive: ActiveActiveConfig | null;
  /** false: plain DNS failover of what may run twice, no proof needed (S21) [true]. */
  readonly exclusive: boolean;
  /** What a healthy standby looks like (S25). */
  readonly standby: { readonly kind: 'stopped' } | { readonly kind: 'check' };
  readonly record: RecordConfig;
  /** The probers that look at it and vote on it, in the order of the cluster's: majorities are counted over these (S24). */
  readonly probers: readonly ProberConfig[];
  readonly nodes: readonly NodeConfig[];
  readonly failover: FailoverConfig;
  /** Restarts in place before a failover; 0 attempts go to the failover at once [0 per 10m]. */
  readonly restart: { readonly attempts: number; readonly perMs: number };
  /** `early` writes DNS after GRANT, before VERIFY_NEW (S28) [verified]. */
  readonly cutover: 'verified' | 'early';
  readonly failback: FailbackConfig;
  /** What is done when several run and none of them holds the grant [stopAll]. */
  readonly conflict: 'stopAll' | 'freeze';
  readonly safety: SafetyConfig;
  /** Every node is asked for its status once in this time, where there is a status action; null: never (S25) [30s]. */
  readonly sweep: { readonly everyMs: number } | null;
};

export type ActiveActiveConfig = {
  /** With fewer healthy nodes every verified one is answered, S28 [1]. */
  readonly minHealthy: number;
  /** How long a node that comes back takes to its full share [0s]. */
  readonly slowStartMs: number;
};

/** `window`: back to the preferred node while the window that `cron` opens (in UTC) is open. */
export type FailbackConfig =
  | { readonly kind: 'manual' }
  | { readonly kind: 'window'; readonly cron: string; readonly openForMs: number };

export type SafetyConfig = {
  /** Planned and automatic moves are refused when fewer nodes, the target included, are startable [0]. */
  readonly minStartable: number;
  /** Names of the gates that must be open before a planned or automatic move. */
  readonly gates: readonly string[];
};

export type RecordConfig = {
  readonly name: DomainName;
  readonly zone: DomainName;
  /** Name of an entry of `providers`. */
  readonly provider: string;
  /** Where the same answer is kept besides; null: nowhere. */
  readonly second: { readonly provider: string; readonly zone: DomainName } | null;
  readonly ttl: { readonly steadySeconds: number; readonly suspectSeconds: number; readonly settlingSeconds: number };
  /**
   * What says sorry when a target failed and the node before it cannot be named again (S28): an address, or an absolute name
   * where the nodes are published by name; or null.
   */
  readonly sorry: string | null;
  /** What others change in it is written again as it was, foreign values too, S27 [false]. */
  readonly repairDrift: boolean;
};

export type FailoverConfig = {
  readonly automatic: boolean;
  readonly cooldownMs: number;
  readonly budget: { readonly count: number; readonly perMs: number };
  /** The quorum must hold the active up this long for the service to count as stable [15m]. */
  readonly stableForMs: number;
  /** An operation at work for longer stands still as blocked until a person lets it go on, S34 [30m]. */
  readonly opMaxAgeMs: number;
  /** A precheck result younger than this is used as it is, S32 [30s]. */
  readonly precheckMaxAgeMs: number;
  /** How long VERIFY_NEW waits for the quorum [120s]. */
  readonly verifyTimeoutMs: number;
  /** How long STOP_OLD tries to make contact before FENCE begins [5s]. */
  readonly contactTimeoutMs: number;
  /** Starts the preferred node when nothing runs any more and nobody asked for that [true]. */
  readonly coldStart: boolean;
  /** A node that failed this often within the period is not startable [3 per 6h]. */
  readonly failureThreshold: { readonly count: number; readonly perMs: number };
  /** `move`: also the node that a planned move has left is resynchronised before it may become active again [failure]. */
  readonly resyncAfter: 'failure' | 'move';
  /** Greatest lag, as the precheck prints it, with which a node may become active; null: any. */
  readonly maxLag: number | null;
};

export type NodeConfig = {
  readonly id: NodeId;
  /** IPv4 or IPv6 address; where `publishes` is no address, the host name of its target, without the last dot. */
  readonly address: string;
  /** What goes into DNS. */
  readonly publishes: PublishedAnswer;
  /** Starts and stops the service here; null: its actions do. */
  readonly agent: NodeAgentConfig | null;
  /** Whether the lease of its agent may prove it down (S16). */
  readonly leaseProof: boolean;
  /** Lower is preferred; 0 or less is never chosen. */
  readonly priority: number;
  /** Share of the answers of an active-active service [1]. */
  readonly weight: number;
  /** Where the node is, for the choice of a candidate; null: unknown. */
  readonly vantage: string | null;
  readonly check: CheckConfig;
  /** What only the active instance passes; the same as `check` unless written. */
  readonly activeCheck: CheckConfig;
  /** What a healthy warm standby passes; null for stopped standbys. */
  readonly standbyCheck: CheckConfig | null;
  readonly actions: ActionsConfig;
};

export type CheckConfig = {
  readonly target: CheckTarget;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Failing checks in a row, rechecks included, until down; and passing ones until up. */
  readonly fall: number;
  readonly rise: number;
  /** Shortest time over which `fall` failures count (S24) [interval]. */
  readonly minDownMs: number;
  /** Rhythm of looking again while a suspicion or a verification is open [250ms]. */
  readonly recheckMs: number;
  /** What single probers see instead of `target`, and their own time for it. */
  readonly overrides?: readonly CheckOverride[];
};

export type CheckOverride = { readonly prober: ProberId; readonly target: CheckTarget; readonly timeoutMs: number };

export type { ActionConfig, ExecActionConfig, HttpActionConfig, SshActionConfig } from './action-config.ts';

export type ActionsConfig = {
  readonly start: ActionConfig | null;
  readonly stop: ActionConfig | null;
  readonly status: ActionConfig | null;
  readonly precheck: ActionConfig | null;
  readonly sync: ActionConfig | null;
  readonly resync: ActionConfig | null;
  readonly drain: ActionConfig | null;
  readonly undrain: ActionConfig | null;
  readonly fence: readonly FenceLevelConfig[];
};

/** One level of the ladder. `confirm: null` only with an explicit `confirmedByExit: true` (S18). */
export type FenceLevelConfig = {
  readonly act: ActionConfig;
  readonly confirm: {
    readonly query: ActionConfig;
    /** Last line of output, trimmed: listed means off, anything else means not off, a failing query means unknown. */
    readonly offStates: readonly string[];
    readonly intervalMs: number;
  } | null;
};
