// The import table: every room of the house, lowest first, with its one sentence and what it may reach for.
// docs/architecture.md shows the same table to readers; a test compares the two.

export type Room = {
  /**
   * A folder; `folder/*` for a room that comes in kinds, which do not see each other; `folder/*.ts` for the files of a
   * folder without its sub-folders.
   */
  readonly folder: string;
  readonly sentence: string;
  /** Rooms, or files of a room, of which it may use everything. */
  readonly uses: readonly string[];
  /** Rooms of which it may use types only (`import type`). */
  readonly usesTypesOf: readonly string[];
  /** Pure rooms decide; they read no clock, log nothing and touch nothing outside their arguments. */
  readonly isPure: boolean;
  /** `node:` modules it may import; null allows every one. */
  readonly nodeModules: readonly string[] | null;
  readonly packages: readonly string[];
  /** Files that may import every `node:` module and some rooms more, each with its reason. */
  readonly doors: readonly { readonly file: string; readonly uses: readonly string[]; readonly reason: string }[];
  /** Files that only the wiring may import. */
  readonly wiringOnly: readonly string[];
};

const PURE = ['src/base', 'src/dns', 'src/health', 'src/quorum', 'src/failover', 'src/plan', 'src/zone', 'src/config'];
const ANY_NODE_MODULE = null;

export const IMPORT_TABLE: readonly Room[] = [
  pure('src/base', 'Durations, instants, Result, assertNever, the error catalogue and the Clock type.', []),
  {
    ...pure('src/dns', 'Names, RR types, wire codec, EDNS, TSIG, DNSSEC; cites RFC sections.', ['src/base']),
    nodeModules: ['node:crypto'],
  },
  pure('src/health', 'Folds results into verdicts with rise and fall.', ['src/base']),
  pure('src/quorum', 'Votes into agreed, rejected or pending.', ['src/base', 'src/health']),
  pure('src/failover', 'The state machine: step(state, event, now); candidate choice; rules.', [
    'src/base',
    'src/health',
    'src/quorum',
  ]),
  pure('src/plan', 'Desired RRsets, diff, guarded changes, TTL levels, drain horizon, outage estimate.', [
    'src/base',
    'src/dns',
    'src/failover',
  ]),
  pure('src/zone', 'Immutable zone snapshot and the answer to a query from it (RFC 1034 4.3.2).', [
    'src/base',
    'src/dns',
  ]),
  {
    ...pure('src/config', 'Text to a frozen, validated Config, with exact path and reason in every message.', [
      'src/base',
      'src/dns',
      'src/health',
      'src/quorum',
      'src/failover',
      'src/plan',
      'src/zone',
    ]),
    nodeModules: ['node:crypto'],
    packages: ['zod', 'yaml', 'node-cron'],
    doors: [
      {
        file: 'src/config/load.ts',
        uses: [],
        reason: 'Through here files and the environment enter the configuration.',
      },
      { file: 'src/config/load-agent.ts', uses: [], reason: 'The same for the small file of an agent.' },
      { file: 'src/config/read-file.ts', uses: [], reason: 'How both of them read a file.' },
    ],
    wiringOnly: ['src/config/load.ts', 'src/config/load-agent.ts', 'src/config/read-file.ts'],
  },
  {
    ...pure('src/ports', 'Interfaces only: Store, DnsProvider, NodeDriver, Check, Logger, Alerter.', []),
    usesTypesOf: PURE,
  },
  io('src/clock', 'The real clock of this machine, the only place that reads it.', ['src/base']),
  io(
    'src/probe',
    'One function per kind of check; one attempt, one address.',
    [...PURE, 'src/ports'],
    ['dns2', 'mysql2', 'pg'],
  ),
  io('src/store', 'What all store engines share: the cluster record and the high-water marks.', [
    'src/base',
    'src/ports',
  ]),
  io('src/store/sql', 'What the SQL engines share: the text of a commit, its tables and its connections.', [
    'src/base',
    'src/ports',
    'src/store',
  ]),
  io('src/store/postgres', 'The PostgreSQL engine.', ['src/base', 'src/ports', 'src/store', 'src/store/sql'], ['pg']),
  io(
    'src/store/mysql',
    'The MySQL and MariaDB engine.',
    ['src/base', 'src/ports', 'src/store', 'src/store/sql'],
    ['mysql2'],
  ),
  io('src/store/*', 'One store engine behind the one contract.', ['src/base', 'src/ports', 'src/store']),
  {
    ...io('src/nodes', 'What all node drivers share.', ['src/base', 'src/ports']),
    usesTypesOf: ['src/config'],
  },
  {
    ...io('src/nodes/*', 'One driver that acts on a node.', [
      'src/base',
      'src/ports',
      'src/probe/proxy-request',
      'src/nodes',
    ]),
    usesTypesOf: ['src/config'],
    doors: [
      {
        file: 'src/nodes/exec/runner-process.ts',
        uses: ['src/clock'],
        reason: 'The entry of a process of its own, which wires itself.',
      },
    ],
  },
  io('src/server', 'UDP and TCP listeners, transfer, NOTIFY, rate limit, snapshot files.', [...PURE, 'src/ports']),
  {
    ...io('src/controller', 'Collects events, calls the machine, journals, runs effects; no health `if` here.', [
      ...PURE,
      'src/ports',
    ]),
    nodeModules: ['node:crypto'],
    packages: ['node-cron', 'zod'],
  },
  io('src/prober', 'The long-running role that checks, votes and serves.', [...PURE, 'src/ports']),
  {
    ...io('src/keeper', 'The process on a node that owns services, and kills them at the deadline of their lease.', [
      'src/base',
      'src/ports',
    ]),
    doors: [
      {
        file: 'src/keeper/keeper-process.ts',
        uses: ['src/clock'],
        reason: 'The entry of a process of its own, which wires itself.',
      },
    ],
  },
  {
    ...io('src/job', 'Runs a command only where a service is active, and lets nothing of it outlive the lease.', [
      'src/base',
      'src/ports',
      'src/keeper',
    ]),
    doors: [
      {
        file: 'src/job/run-if-active-process.ts',
        uses: ['src/clock'],
        reason: 'The entry of a process of its own, which wires itself.',
      },
    ],
  },
  io('src/agent', 'The long-running role on a node.', [...PURE, 'src/ports'], ['node-cron', 'zod']),
  {
    ...io('src/api', 'HTTP API, OpenAPI, server-sent events, metrics and dashboard files.', [
      'src/base',
      'src/ports',
      'src/controller/read-*.ts',
    ]),
    usesTypesOf: PURE,
    packages: ['zod'],
  },
  io('src/telemetry', 'pino, metrics and alerts behind the ports.', ['src/base', 'src/ports'], ['pino']),
  provider(
    'providers/*.ts',
    'What all providers share: changes that none may make, and the comparison before a write.',
    [],
  ),
  provider('providers/builtin', 'The zone that oneup serves itself, kept in the store.', ['providers/*.ts']),
  provider('providers/cloudflare', 'Zones of Cloudflare, through its SDK.', ['providers/*.ts'], ['cloudflare', 'zod']),
  {
    ...provider(
      'providers/route53',
      'Zones at Amazon Route 53, one atomic and conditional change batch for each write.',
      ['providers/*.ts'],
    ),
    packages: ['@aws-sdk/client-route-53', '@aws-sdk/credential-providers'],
  },
  provider('providers/memory', 'The reference provider: a zone in memory with faults on request.', ['providers/*.ts']),
  provider('providers/rfc2136', 'A zone at any server that takes signed dynamic updates.', ['providers/*.ts']),
  provider('providers/powerdns', 'A zone at PowerDNS: read by its API, written by guarded updates.', [
    'providers/*.ts',
    'providers/rfc2136',
  ]),
  io(
    'src/cli',
    'Thin commands, and with src/main.ts the one place that constructs everything.',
    ['*'],
    ['commander', 'node-cron'],
  ),
  io('src/main.ts', 'The entry: hands the arguments to the command line.', ['*'], ['commander', 'pino']),
  pure('web', 'The dashboard; it speaks only the public API and runs in a browser.', []),
];

/** Rooms that construct everything: nothing imports them, and they alone may import providers and `wiringOnly` files. */
export const WIRING: readonly string[] = ['src/cli', 'src/main.ts'];

function pure(folder: string, sentence: string, uses: readonly string[]): Room {
  const rest = { usesTypesOf: [], nodeModules: [], packages: [], doors: [], wiringOnly: [] };
  return { folder, sentence, uses, isPure: true, ...rest };
}

function io(folder: string, sentence: string, uses: readonly string[], packages: readonly string[] = []): Room {
  const rest = { usesTypesOf: [], nodeModules: ANY_NODE_MODULE, doors: [], wiringOnly: [] };
  return { folder, sentence, uses, isPure: false, packages, ...rest };
}

/** Providers see the same rooms: values, DNS data, the ownership text that guards their writes, and the types of plans. */
function provider(folder: string, sentence: string, more: readonly string[], packages: readonly string[] = []): Room {
  const uses = ['src/base', 'src/dns', 'src/plan/ownership', 'src/ports', ...more];
  return { ...io(folder, sentence, uses, packages), usesTypesOf: ['src/plan'] };
}
