// Rules of leases (S14 to S16) that are left out, in oneup and in the stand-in of an agent, which is edited like the product.
import type { Mutation } from './mutation.ts';

export const LEASE_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S14a',
    what: 'a renewal is not guarded by the grant',
    edits: [
      {
        find: "const guards = [{ kind: 'version', key: keys.grant('web'), version }] as const;",
        replace: 'const guards = [] as const;',
      },
    ],
    invariants: ['S14', 'I1', 'I7'],
    fromSeed: 117,
  },
  {
    id: 'S14b',
    what: 'an agent starts its service before a renewal was answered',
    edits: [
      {
        find: 'const sentBootMs = clock.bootMs();',
        replace: 'if (!goal.isReached) this.#reach(goal);\n      const sentBootMs = clock.bootMs();',
      },
    ],
    invariants: ['S14', 'I1', 'I7'],
    fromSeed: 2,
  },
  {
    id: 'S15a',
    what: 'a lease is waited for without REVOKE',
    edits: [
      {
        find: 'if (!grant.revoked) {\n    t.state = { ...t.state, grant: { ...grant, revoked: true } };',
        replace: 'if (!grant.revoked) {',
      },
      {
        find: 'grant?.node !== node || grant.epoch !== epoch || !grant.revoked) return;',
        replace: 'grant?.node !== node || grant.epoch !== epoch) return;',
      },
      {
        find: 'if (grant === null || !grant.revoked || !op.clear.includes(grant.node)',
        replace: 'if (grant === null || !op.clear.includes(grant.node)',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 121,
  },
  {
    id: 'S15b',
    what: 'the wait for a lease leaves no room for clocks that run apart',
    edits: [
      {
        find: 'const waitMs = waitForPeriodMs(renewal.periodMs, operationIn(t).rules.bounds);',
        replace: 'const waitMs = renewal.periodMs;',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 212,
  },
  {
    id: 'S15c',
    what: 'a grant that was never renewed is proof, whatever was known of its node before',
    edits: [
      {
        find: "const isClean = crumb?.kind === 'maybe' && crumb.wasDown === true;",
        replace: 'const isClean = crumb !== null;',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 577,
  },
  {
    id: 'S16a',
    what: 'a lease is proof although its keeper was never armed',
    edits: [
      {
        find: "if (!renewal.armed || renewal.enforced === 'none') {",
        replace: "if (renewal.enforced === 'none') {",
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 3028,
  },
  {
    id: 'S16b',
    what: 'a lease is proof although nothing binds the service to its keeper',
    edits: [
      {
        find: "if (!renewal.armed || renewal.enforced === 'none') {",
        replace: 'if (!renewal.armed) {',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 172,
  },
];
