// From the costs of one check, one tick and one observation to what a cluster of any size needs. Arithmetic only: it assumes
// that costs add up, which they do until a process is busy for half of its time; beyond that the figure says "too much".
import type { UnitCosts } from './unit-costs.ts';

export type Estimate = {
  readonly services: number;
  readonly probers: number;
  /** Probers that look at each service (`probersPerCheck`). */
  readonly voters: number;
  /** Checks that each prober runs in a second at rest. */
  readonly checksPerSecond: number;
  /** Share of one core that a prober needs at rest, and the controller beside it. */
  readonly proberCores: number;
  readonly controllerCores: number;
  /** Keys and values in each prober's copy of the store. */
  readonly mirrorMiB: number;
  /** Commits of a cluster at rest: renewals of one session of each prober and one of the controller. */
  readonly renewalsPerHour: number;
  /** Records that all probers write when every active fails at once, their size, and the commits they need at least. */
  readonly stormRecords: number;
  readonly stormMiB: number;
  readonly stormCommits: number;
  /** Processor time of each prober, in seconds, for the checks and the records of the minute after it. */
  readonly stormCpuSeconds: number;
  /** Cores of a prober while the checks are repeated every `recheck`: more than one means that it stops voting (S23). */
  readonly stormCores: number;
  /** Clusters of equal size so that no limit is passed, and the limit that decides. */
  readonly clusters: number;
  readonly limit: string;
};

/** Active and standby. */
const NODES = 2;
/** Defaults of a configuration. */
const INTERVAL_SECONDS = 5;
const RECHECK_SECONDS = 0.25;
const RENEWALS_PER_HOUR = 720;
/** A record board writes this many in one commit. */
const RECORDS_PER_COMMIT = 500;
/** A process that needs more cannot be late by less than its checks allow. */
const CORES_MAX = 0.5;
/** A commit has this many guards and writes at most, and `init` writes one for each node. */
const ITEMS_MAX = 4_096;
/** The configuration is one record; this is its size for a service as in config/minimal.yaml. */
const CONFIG_BYTES_MAX = 1024 * 1024;
const CONFIG_BYTES_PER_SERVICE = 500;
const MIB = 1024 * 1024;

export type ClusterSize = Pick<Estimate, 'services' | 'probers' | 'voters'>;

export function estimate({ services, probers, voters }: ClusterSize, costs: UnitCosts): Estimate {
  /** The services that a prober looks at; by rendezvous hashing the shares are even. */
  const looked = (services * voters) / probers;
  const checksPerSecond = (looked * NODES) / INTERVAL_SECONDS;
  const proberCores = (checksPerSecond * (costs.lookUs + costs.httpUs)) / 1e6;
  const controllerCores = (services * costs.tickUs) / 1e6;
  const stormRecords = services * voters * costs.stormRecords;
  const share: Readonly<Record<string, number>> = {
    'nodes that init can write': (services * NODES) / ITEMS_MAX,
    'size of the configuration': (services * CONFIG_BYTES_PER_SERVICE) / CONFIG_BYTES_MAX,
    'processor of the controller': (proberCores + controllerCores) / CORES_MAX,
  };
  const [limit, most] = Object.entries(share).reduce((worst, one) => (one[1] > worst[1] ? one : worst));
  return {
    services,
    probers,
    voters,
    checksPerSecond,
    proberCores,
    controllerCores,
    mirrorMiB: (services * (costs.serviceBytes + voters * costs.proberBytes)) / MIB,
    renewalsPerHour: (probers + 1) * RENEWALS_PER_HOUR,
    stormRecords,
    stormMiB: (stormRecords * costs.stormBytes) / MIB,
    stormCommits: probers * Math.ceil(stormRecords / probers / RECORDS_PER_COMMIT),
    // A record was measured with three probers in one process: each has a third of it.
    stormCpuSeconds:
      ((stormRecords * costs.stormRecordUs) / 3 + looked * costs.stormLooks * (costs.lookUs + costs.httpUs)) / 1e6,
    stormCores: ((looked / RECHECK_SECONDS) * (costs.lookUs + costs.httpUs)) / 1e6,
    clusters: Math.max(1, Math.ceil(most)),
    limit,
  };
}
