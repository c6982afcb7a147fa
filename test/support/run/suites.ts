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
      /** Test files that run at the same time. Suites with real processes and deadlines run one file at a time. */
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
const UNIT_TIMEOUT_MS = 60_000;
/** Half a minute of pure computing, on a machine that may be busy. */
const SEEDS_TIMEOUT_MS = 240_000;
const LONG_TIMEOUT_MS = 600_000;

/** Files that `test/unit/all-pure-rooms.test.ts` runs in one process. */
export const PURE_TESTS = rooms('dns', 'health', 'quorum', 'failover', 'plan', 'zone', 'config');
/** Files that `test/unit/all-quiet-rooms.test.ts` runs in one process. */
export const QUIET_TESTS = rooms('api', 'cli', 'clock', 'controller', 'prober', 'providers', 'telemetry');

/** The contract of stores on real servers. */
const SERVED_TESTS = ['etcd', 'zookeeper', 'postgres', 'mysql'].map((kind) => `test/conformance/${kind}.test.ts`);

export const SUITES: readonly Suite[] = [
  { kind: 'command', name: 'types', group: 'check', argv: ['tsc', '-p', '.'] },
  { kind: 'command', name: 'style', group: 'check', argv: ['biome', 'check', '--error-on-warnings', '.'] },
  { kind: 'command', name: 'unused', group: 'check', argv: ['knip', '--no-progress'] },
  quick('house', 'test/*.test.ts', 'test/model/*.test.ts'),
  {
    ...quick('unit', 'test/unit/**/*.test.ts'),
    without: [...PURE_TESTS, ...QUIET_TESTS],
    concurrency: UNIT_CONCURRENCY,
  },
  quick('rfc', 'test/rfc/**/*.test.ts'),
  { ...quick('conformance', 'test/conformance/**/*.test.ts'), without: SERVED_TESTS },
  quick('scenarios', 'test/scenarios/**/*.test.ts'),
  { ...quick('sim', 'test/sim/s*.test.ts'), testTimeoutMs: SEEDS_TIMEOUT_MS },
  { ...quick('mutations', 'test/sim/m*.test.ts'), group: 'all', testTimeoutMs: SEEDS_TIMEOUT_MS },
  { ...long('store', ...SERVED_TESTS, 'test/store/etcd*.test.ts'), concurrency: CONCURRENCY },
  long('e2e', 'test/e2e/**/*.test.ts'),
  long('browser', 'test/browser/**/*.test.ts'),
  {
    ...long('ship', 'test/store/**/*.test.ts', 'test/growth/**/*.test.ts'),
    without: ['test/store/etcd*.test.ts'],
    group: 'apart',
  },
  { ...long('net', 'test/net/**/*.test.ts'), group: 'apart' },
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
