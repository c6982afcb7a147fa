// Rules of leases (S14 to S16) that are left out, in oneup and in the simulated keeper and line of an agent, which are edited like
// the product.
import type { Mutation } from './mutation.ts';

export const LEASE_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S14a',
    what: 'a renewal is not guarded by the grant',
    edits: [
      {
        find: "const guards = [{ kind: 'version', key: keys.grant('web'), version: entry.version }, lease] as const;",
        replace: 'const guards = [lease] as const;',
      },
    ],
    invariants: ['S14', 'I1', 'I7'],
    fromSeed: 150,
  },
  {
    id: 'S14b',
    what: 'an agent starts its service before a renewal was answered',
    edits: [
      {
        find: "if (!(await isFresh(deps, signal))) return stepResult('timeout', 'no renewal of the lease was granted in time');\n  if",
        replace: 'void deps.fresh();\n  if',
      },
      {
        find: "if (!isArmed || epoch !== this.#epoch) return { kind: 'refused', reason: 'not armed' };",
        replace: '',
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
    fromSeed: 1120,
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
    fromSeed: 2100,
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
    fromSeed: 2300,
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
      {
        find: "const armed = stops && enforced !== 'none' && isCovered;",
        replace: 'const armed = stops && isCovered;',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 3080,
  },
  {
    id: 'S15d',
    what: 'a prober that saw REVOKE agrees to a claim',
    edits: [
      {
        find: 'if (epoch <= this.refusesUpTo(service)) return refused(`it has seen that epoch ${epoch} is over`);',
        replace: '',
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 1500,
  },
  {
    id: 'S37b',
    what: 'the holder of a lease stays by the word of most of those whom it asks',
    edits: [
      {
        find: "if (missing.length === 0) return { kind: 'agreed' };",
        replace: "if (missing.length < whom.length / 2) return { kind: 'agreed' };",
      },
    ],
    invariants: ['I7', 'I1', 'I10'],
    fromSeed: 100,
  },
];
