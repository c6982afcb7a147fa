// The suites of `npm test` in the order in which they run: what is quick and tells most comes first.

export type Suite =
  | { readonly kind: 'command'; readonly name: string; readonly group: SuiteGroup; readonly argv: readonly string[] }
  | {
      readonly kind: 'tests';
      readonly name: string;
      readonly group: SuiteGroup;
      readonly patterns: readonly string[];
      /** Files of the patterns that another file runs. */
      readonly without?: readonly string[];
      /** Test files that run at the same time. */
      readonly concurrency: number;
      /** Most one test may take; a hanging one ends here instead of holding up the run. */
      readonly testTimeoutMs: number;
    };

/**
 * `check` is what a change must pass before it is pushed; `all` adds what takes longer, and with `check` is `npm test`. `apart`
 * is run by name only: it needs root, or many minutes.
 */
export type SuiteGroup = 'check' | 'all' | 'apart';

/** Two files at a time: the suites must also finish on the smallest machines that developers and CI use. */
const CONCURRENCY = 2;
/** One more where many files wait most of their time for scripts, locks and sockets. */
const UNIT_CONCURRENCY = 3;
const PATIENT_CONCURRENCY = 3;
const UNIT_TIMEOUT_MS = 60_000;
/** Half a minute of pure computing, on a machine that may be busy. */
const SEEDS_TIMEOUT_MS = 240_000;
const LONG_TIMEOUT_MS = 600_000;
/** A file of moves that wait for a TTL of a minute each. */
const STORIES_TIMEOUT_MS = 1_500_000;

/** Files that `test/unit/all-pure-rooms.test.ts` runs in one process. */
export const PURE_TESTS = rooms('dns', 'health', 'quorum', 'failover', 'plan', 'zone', 'config');
/** Files that `test/unit/all-quiet-rooms.test.ts` runs in one process. */
export const QUIET_TESTS = rooms('api', 'cli', 'providers', 'telemetry');
/** Files that `test/unit/all-loop-rooms.test.ts` runs in one process, beside the others: one alone would keep a core waiting. */
export const LOOP_TESTS = rooms('clock', 'controller', 'prober');

/** Each phase of an operation with a death in it: minutes, in which little is learned that shorter tests do not tell. */
const PATIENT_TESTS = [
  'test/e2e/kill-points.test.ts',
  'test/e2e/stopped-controller.test.ts',
  'test/e2e/transitions.test.ts',
  'test/e2e/provider-cloudflare.test.ts',
  'test/e2e/provider-route53.test.ts',
  // A cron daemon wakes up once a minute; two PostgreSQL servers are copied, promoted and rewound.
  'test/e2e/cron.test.ts',
  'test/e2e/example-postgresql.test.ts',
  'test/e2e/example-postgresql-killed.test.ts',
  // Prober and agent in one process, outages of the store longer than a lease, jobs at their minute, examples as a reader plays them.
  'test/e2e/both.test.ts',
  'test/e2e/both-cut-off.test.ts',
  'test/e2e/agent-store-loss.test.ts',
  'test/e2e/jobs.test.ts',
  'test/e2e/run-if-active.test.ts',
  'test/e2e/agent-adopt.test.ts',
  'test/e2e/agent-recover.test.ts',
  'test/e2e/damaged-records.test.ts',
  'test/e2e/membership.test.ts',
  'test/e2e/systemd-units.test.ts',
  'test/e2e/example-airflow.test.ts',
  'test/e2e/example-hdfs.test.ts',
  'test/e2e/example-active-active-web.test.ts',
  'test/e2e/example-web-shared-db.test.ts',
  // Servers that come up first, releases that cannot load the record, starts that fail one after the other.
  'test/e2e/fencing-databases.test.ts',
  'test/e2e/fence-fire.test.ts',
  'test/e2e/connect-agents.test.ts',
  'test/e2e/unloadable.test.ts',
  'test/e2e/release.test.ts',
  'test/e2e/bad-start.test.ts',
  'test/e2e/standbys-seen.test.ts',
  // Real sshds, a firewall, a crontab, pipes that fill up, a record that changes hands at BIND.
  'test/e2e/ssh-driver.test.ts',
  'test/e2e/fencing-hosts.test.ts',
  'test/e2e/example-cron.test.ts',
  'test/e2e/reader-gone.test.ts',
  'test/e2e/provider-handover.test.ts',
  // Scripts that reach each of their limits, orders to operations that are held, a store that is locked and comes back.
  'test/e2e/bad-scripts.test.ts',
  'test/e2e/operator-commands.test.ts',
  'test/e2e/store-loss.test.ts',
];

/** Deaths around the write at each provider, and our own stories there: they wait for sessions and for TTLs. */
const STORY_TESTS = [
  'test/e2e/provider-*-kills.test.ts',
  'test/e2e/provider-*-stories.test.ts',
  'test/e2e/provider-*-handover.test.ts',
  'test/e2e/provider-rfc2136-knot.test.ts',
  'test/e2e/provider-powerdns.test.ts',
  'test/e2e/provider-targets.test.ts',
  'test/e2e/demo-providers.test.ts',
];

/** Small parts that meet real servers and processes, and wait for them. */
const EDGE_TESTS = [
  'test/conformance/driver-*.test.ts',
  ...['agent', 'job', 'keeper', 'nodes', 'probe', 'store'].map((room) => `test/unit/${room}/**/*.test.ts`),
];

/** The contract of stores on real servers. */
const SERVED_TESTS = ['etcd', 'zookeeper', 'postgres', 'mysql'].map((kind) => `test/conformance/${kind}.test.ts`);

/** The contract of providers, those of others on their real servers and doubles, and what goes wrong there. */
const PROVIDER_TESTS = 'test/conformance/provider-*.test.ts';

export const SUITES: readonly Suite[] = [
  { kind: 'command', name: 'types', group: 'check', argv: ['tsc', '-p', '.'] },
  { kind: 'command', name: 'style', group: 'check', argv: ['biome', 'check', '--error-on-warnings', '.'] },
  { kind: 'command', name: 'unused', group: 'check', argv: ['knip', '--no-progress'] },
  quick('house', 'test/*.test.ts', 'test/model/*.test.ts'),
  {
    ...quick('unit', 'test/unit/**/*.test.ts'),
    without: [...PURE_TESTS, ...QUIET_TESTS, ...LOOP_TESTS, ...EDGE_TESTS],
    concurrency: UNIT_CONCURRENCY,
  },
  quick('rfc', 'test/rfc/**/*.test.ts'),
  {
    ...quick('conformance', 'test/conformance/**/*.test.ts'),
    without: [...SERVED_TESTS, ...EDGE_TESTS, PROVIDER_TESTS],
  },
  quick('scenarios', 'test/scenarios/**/*.test.ts'),
  { ...quick('sim', 'test/sim/s*.test.ts'), testTimeoutMs: SEEDS_TIMEOUT_MS },
  { ...quick('mutations', 'test/sim/m*.test.ts'), group: 'all', testTimeoutMs: SEEDS_TIMEOUT_MS },
  { ...long('edges', ...EDGE_TESTS), concurrency: UNIT_CONCURRENCY },
  { ...long('doubles', 'test/doubles/**/*.test.ts'), concurrency: CONCURRENCY },
  { ...long('providers', PROVIDER_TESTS), concurrency: CONCURRENCY },
  { ...long('store', ...SERVED_TESTS, 'test/store/etcd*.test.ts'), concurrency: CONCURRENCY },
  { ...long('e2e', 'test/e2e/**/*.test.ts'), without: [...PATIENT_TESTS, ...STORY_TESTS], concurrency: CONCURRENCY },
  long('browser', 'test/browser/**/*.test.ts'),
  {
    ...long('ship', 'test/store/**/*.test.ts', 'test/growth/**/*.test.ts', ...PATIENT_TESTS),
    without: ['test/store/etcd*.test.ts'],
    group: 'apart',
    // Most of them wait: for sessions to end, for servers to come up, five minutes for a store.
    concurrency: PATIENT_CONCURRENCY,
  },
  {
    ...long('stories', ...STORY_TESTS),
    group: 'apart',
    concurrency: PATIENT_CONCURRENCY,
    testTimeoutMs: STORIES_TIMEOUT_MS,
  },
  { ...long('net', 'test/net/**/*.test.ts'), group: 'apart' },
  { ...long('live', 'test/live/**/*.test.ts'), group: 'apart' },
];

function quick(name: string, ...patterns: readonly string[]): Suite & { readonly kind: 'tests' } {
  const limits = { concurrency: CONCURRENCY, testTimeoutMs: UNIT_TIMEOUT_MS };
  return { kind: 'tests', name, group: 'check', patterns, ...limits };
}

function long(name: string, ...patterns: readonly string[]): Suite & { readonly kind: 'tests' } {
  return { kind: 'tests', name, group: 'all', patterns, concurrency: 1, testTimeoutMs: LONG_TIMEOUT_MS };
}

function rooms(...names: readonly string[]): readonly string[] {
  return names.map((name) => `test/unit/${name}/**/*.test.ts`);
}
