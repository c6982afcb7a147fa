// Rules that no run of the simulation can miss, each with the test that holds it instead: they are about parts that a run does
// not have (name servers, scripts of real machines, references), or about moments that are one instant in it.

export type ElsewhereTested = {
  readonly rule: string;
  readonly why: string;
  readonly file: string;
  /** Part of the name of the test. */
  readonly test: string;
};

export const RULES_ELSEWHERE: readonly ElsewhereTested[] = [
  {
    rule: 'S2',
    why: 'a suspended machine finds its session lost before it does anything, so nothing comes of a wrong clock in a run',
    file: 'test/conformance/store/session-end-tests.ts',
    test: 'a machine that was suspended past the ttl has lost its session',
  },
  {
    rule: 'S3',
    why: 'a renewal is one instant in the simulated store, so it has no beginning and end',
    file: 'test/unit/store/embedded-store.test.ts',
    test: 'time that passes while a renewal is on its way is taken off the deadline (S3)',
  },
  {
    rule: 'S13',
    why: 'the state file of a script belongs to the real driver',
    file: 'test/unit/config/check-locality.test.ts',
    test: 'asks nothing of services that a person moves, or that may run twice (S13)',
  },
  {
    rule: 'S21',
    why: 'every service of a run is exclusive',
    file: 'test/unit/plan/outage-estimate.test.ts',
    test: 'stop and fence fall away for what may run twice (S21)',
  },
  {
    rule: 'S22',
    why: 'the probers of a run have no references',
    file: 'test/unit/prober/prober.test.ts',
    test: 'a prober that reaches no reference abstains instead of voting down (S22)',
  },
  {
    rule: 'S23',
    why: 'a vote that stays too long costs time and breaks no invariant',
    file: 'test/unit/prober/prober.test.ts',
    test: 'a prober whose checks hang loses its votes and opens no session until they end (S23)',
  },
  {
    rule: 'S25',
    why: 'an instance that no prober sees holds its resource before its status could be heard, so no run misses the sweep',
    file: 'test/unit/failover/sweep.test.ts',
    test: 'a node that says it runs voids its proof, and is stopped when it has said so twice',
  },
  {
    rule: 'S29',
    why: 'a run has a DNS provider and no name servers',
    file: 'test/unit/server/zone-follower.test.ts',
    test: 'the answer follows the store commit by commit, and is reported once loaded (S29, S31)',
  },
  {
    rule: 'S30',
    why: 'a run has a DNS provider and no name servers',
    file: 'test/unit/server/zone-follower.test.ts',
    test: 'without a store the snapshot on disk is served with what its age allows (S30)',
  },
  {
    rule: 'S31',
    why: 'no invariant of a run knows what resolvers still hold',
    file: 'test/unit/failover/late-and-doubtful.test.ts',
    test: 'the propagation of an older cutover does not end the tail of this one (S31)',
  },
  {
    rule: 'S38',
    why: 'the process around the roles is a stand-in, which does not end either',
    file: 'test/e2e/store-loss.test.ts',
    test: 'a prober that restarts without a store serves its snapshot and says so',
  },
];
