// Every rule that the simulation can express, as an edit of the source that leaves it out. Each must be found by a violation of
// one of the named invariants; a rule that no run can show has another test, which is named instead.

export type Edit = {
  /** Path from the root of the repository. */
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
};

export type Mutation = {
  /** Id of the rule, with a letter where one rule has several parts. */
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
  /** Any of these shows it. */
  readonly invariants: readonly string[];
  /** Where the search begins: found from here on within a few seeds. */
  readonly fromSeed: number;
};

export const MUTATIONS: readonly Mutation[] = [
  {
    id: 'S1',
    what: 'waits leave no room for clocks that run apart',
    edits: [
      { file: 'src/base/clock-bounds.ts', find: '(periodMs * (1 + rho)) / (1 - rho) + marginMs', replace: 'periodMs' },
    ],
    invariants: ['I10', 'I1'],
    fromSeed: 1,
  },
  {
    id: 'S4',
    what: 'a store that was put back to an older state is taken as it is',
    edits: [
      {
        file: 'src/store/high-water-mark.ts',
        find: "if (mark === null || seen.generation.number > mark.generation.number) return { kind: 'ok' };",
        replace: "return { kind: 'ok' };",
      },
    ],
    invariants: ['I4', 'I5', 'I2'],
    fromSeed: 1,
  },
  {
    id: 'S5',
    what: 'a term has the number of the one before',
    edits: [
      {
        file: 'src/controller/election.ts',
        find: 'const term = before.term + 1;',
        replace: 'const term = Math.max(1, before.term);',
      },
    ],
    invariants: ['I4'],
    fromSeed: 1,
  },
  {
    id: 'S6',
    what: 'a commit of unknown outcome is believed to be done',
    edits: [
      {
        file: 'src/controller/service-controller.ts',
        find: "if ((await deps.store.outcomeOf(token)) === 'absent') return 'failed';",
        replace: '',
      },
    ],
    invariants: ['I6', 'I2', 'I4', 'I5'],
    fromSeed: 1,
  },
  {
    id: 'S7',
    what: 'decisions are not bound to the configuration in force',
    edits: [{ file: 'src/controller/service-controller.ts', find: '...configGuard(deps),', replace: '' }],
    invariants: ['S7'],
    fromSeed: 1,
  },
  {
    id: 'S8a',
    what: 'writes are not bound to the term and its session',
    edits: [
      {
        file: 'src/controller/service-controller.ts',
        find: "{ kind: 'sessionAlive', sessionId: tenure.session.id },\n",
        replace: '\n',
      },
      {
        file: 'src/controller/service-controller.ts',
        find: "{ kind: 'version', key: deps.keys.term, version: tenure.termVersion },",
        replace: '',
      },
    ],
    invariants: ['I4'],
    fromSeed: 1,
  },
  {
    id: 'S8b',
    what: 'writes are not bound to the versions of the records',
    edits: [
      {
        file: 'src/controller/service-controller.ts',
        find: "return version === null ? { kind: 'absent', key } : { kind: 'version', key, version };",
        replace:
          "return version === null ? { kind: 'absent', key: `${key}-x` } : { kind: 'version', key: deps.keys.term, version: tenure.termVersion };",
      },
    ],
    invariants: ['I4', 'I5', 'I2', 'I6'],
    fromSeed: 1,
  },
  {
    id: 'S8c',
    what: 'a late commit that lands is not looked for',
    edits: [{ file: 'src/controller/service-controller.ts', find: '        this.#isUnsettled = true;\n', replace: '' }],
    invariants: ['I6', 'I15'],
    fromSeed: 1,
  },
  {
    id: 'S37',
    what: 'the right to act outlasts the contact with the store',
    edits: [
      {
        file: 'src/store/session-holder.ts',
        find: 'this.#deadlineBootMs = sent.bootMs + row.ttlMs;',
        replace: 'this.#deadlineBootMs = sent.bootMs + 60 * row.ttlMs;',
      },
      {
        file: 'src/store/session-holder.ts',
        find: 'this.#deadlineBootMs = renewal.sent.bootMs + this.ttlMs;',
        replace: 'this.#deadlineBootMs = renewal.sent.bootMs + 60 * this.ttlMs;',
      },
    ],
    invariants: ['I8', 'I9', 'I10'],
    fromSeed: 1,
  },
  {
    id: 'S9',
    what: 'a new term does not wait for the one before',
    edits: [{ file: 'src/controller/election.ts', find: "if (before.state === 'idle') return;", replace: 'return;' }],
    invariants: ['I10'],
    fromSeed: 1,
  },
  {
    id: 'S10a',
    what: 'effects are done before their INTENT is committed',
    edits: [
      {
        file: 'src/controller/service-controller.ts',
        find: 'const outcome = await this.#commit(state, decided, event);',
        replace: 'this.#do(decided);\n      const outcome = await this.#commit(state, decided, event);',
      },
    ],
    invariants: ['I6', 'I5'],
    fromSeed: 1,
  },
  {
    id: 'S10b',
    what: 'a command does not ask whether an operation runs',
    edits: [
      {
        file: 'src/failover/command-guards.ts',
        find: 'if (state.op !== null) {',
        replace: 'if (state.op?.opId === "") {',
      },
    ],
    invariants: ['I1', 'I2', 'I5', 'I6', 'I7'],
    fromSeed: 1,
  },
  {
    id: 'S11a',
    what: 'a grant does not raise the epoch',
    edits: [
      {
        file: 'src/failover/phases-from-grant.ts',
        find: 'const epoch = t.state.service.epoch + 1;',
        replace: 'const { epoch } = t.state.service;',
      },
    ],
    invariants: ['I4', 'I3'],
    fromSeed: 1,
  },
  {
    id: 'S11b',
    what: 'a grant leaves no breadcrumb',
    edits: [
      {
        file: 'src/failover/phases-from-grant.ts',
        find: "setBreadcrumb(t, to, { kind: 'maybe', epoch });",
        replace: '',
      },
    ],
    invariants: ['I7', 'I2', 'I1'],
    fromSeed: 1,
  },
  {
    id: 'S12',
    what: 'the guard takes every step for a new one',
    edits: [
      {
        file: 'src/nodes/exec/step-position.ts',
        find: 'return a.generation - b.generation ||',
        replace: 'return 1 || a.generation - b.generation ||',
      },
    ],
    invariants: ['I5', 'I1', 'I10'],
    fromSeed: 1,
  },
  {
    id: 'S17a',
    what: 'nobody looks whether a node still answers',
    edits: [
      {
        file: 'src/failover/phases-before-grant.ts',
        find: 'if (liar !== undefined) return stillAnswering(t, liar);',
        replace: '',
      },
    ],
    invariants: ['I1'],
    fromSeed: 1,
  },
  {
    id: 'S17b',
    what: 'a stop that failed is as good as one that was done',
    edits: [
      {
        file: 'src/failover/phases-before-grant.ts',
        find: "if (outcome.kind === 'done') proveDown(t, node, `stop",
        replace: "if (outcome.kind !== 'refused') proveDown(t, node, `stop",
      },
    ],
    invariants: ['I7', 'I1'],
    fromSeed: 1,
  },
  {
    id: 'S18',
    what: 'the exit code of a fence command is proof',
    edits: [
      {
        file: 'src/controller/perform-effect.ts',
        find: "kind: kind === 'off' ? 'done' : kind",
        replace: "kind: kind === 'off' || kind === 'notOff' ? 'done' : kind",
      },
    ],
    invariants: ['I7', 'I1'],
    fromSeed: 1,
  },
  {
    id: 'S19a',
    what: 'a node that may run counts as proven down',
    edits: [
      {
        file: 'src/failover/create-operation.ts',
        find: "return mustBeDown(state, op).filter((id) => state.breadcrumbs[id]?.kind !== 'down');",
        replace: "return mustBeDown(state, op).filter((id) => state.breadcrumbs[id]?.kind === 'unknown');",
      },
    ],
    invariants: ['I2', 'I1', 'I7'],
    fromSeed: 1,
  },
  {
    id: 'S20',
    what: 'an operation starts its target without the proofs',
    edits: [
      {
        file: 'src/failover/phases-before-grant.ts',
        find: 'if (missing.length > 0) {',
        replace: 'if (missing.length > 99) {',
      },
      {
        file: 'src/failover/phases-before-grant.ts',
        find: "const [node] = op.clear.filter((id) => t.state.breadcrumbs[id]?.kind !== 'down');",
        replace: 'const [node] = op.clear.filter(() => false);',
      },
    ],
    invariants: ['I2', 'I1'],
    fromSeed: 1,
  },
  {
    id: 'S24',
    what: 'one vote is a majority',
    edits: [
      { file: 'src/quorum/tally.ts', find: 'Math.floor(probers.length / 2) + 1', replace: '1' },
      { file: 'src/quorum/tally.ts', find: '&& vantagesOf(group).length >= minVantages', replace: '' },
    ],
    invariants: ['I3'],
    fromSeed: 1,
  },
  {
    id: 'S25',
    what: 'votes from before the start count in its verification',
    edits: [
      {
        file: 'src/failover/build-view.ts',
        find: 'return stamp !== null && verifying !== null &&',
        replace: 'return verifying !== null || stamp !== null && verifying !== null &&',
      },
    ],
    invariants: ['I3'],
    fromSeed: 1,
  },
  {
    id: 'S26a',
    what: 'DNS is written whatever is there',
    edits: [
      {
        file: 'providers/memory/index.ts',
        find: 'const reason = findConflict(changes, current);',
        replace: 'const reason = findConflict([], current);',
      },
    ],
    invariants: ['I4', 'I3', 'I14'],
    fromSeed: 1,
  },
  {
    id: 'S26b',
    what: 'a DNS write keeps the number of the one before',
    edits: [{ file: 'src/failover/dns-desire.ts', find: 'seq: dns.seq + 1', replace: 'seq: Math.max(1, dns.seq)' }],
    invariants: ['I4', 'I15'],
    fromSeed: 1,
  },
  {
    id: 'S27',
    what: 'a foreign address in the record is written over',
    edits: [
      {
        file: 'src/plan/diff-rrsets.ts',
        find: 'if (foreign.length > 0) return drift(rrset, foreign);',
        replace: '',
      },
    ],
    invariants: ['I14'],
    fromSeed: 1,
  },
  {
    id: 'S28',
    what: 'DNS names the target before it is verified',
    edits: [
      {
        file: 'src/failover/dns-desire.ts',
        find: 'const { active, dns, epoch } = state.service;',
        replace: 'const { dns, epoch } = state.service;\n  const active = state.op?.to ?? state.service.active;',
      },
    ],
    invariants: ['I3'],
    fromSeed: 1,
  },
  {
    id: 'S32',
    what: 'an operation that has stopped a node is aborted as if it had not',
    edits: [
      {
        file: 'src/failover/orders.ts',
        find: 'return op.pastReturn ? pastReturn(op) : take(',
        replace: 'return take(',
      },
      {
        file: 'src/failover/orders.ts',
        find: 'if (op.pastReturn) note(',
        replace: 'if (op.opId === "") note(',
      },
    ],
    invariants: ['I6'],
    fromSeed: 1,
  },
  {
    id: 'S33',
    what: 'an intent without a result is forgotten by the next term',
    edits: [{ file: 'src/failover/take-over.ts', find: 'if (op.intent !== null) resend(t, op.intent);', replace: '' }],
    invariants: ['I6', 'I15'],
    fromSeed: 1,
  },
  {
    id: 'S34',
    what: 'an operation that waits does not say why',
    edits: [
      { file: 'src/failover/transition.ts', find: 'patchOperation(t, { blocked: refusal }, slot);', replace: '' },
    ],
    invariants: ['I6', 'I15'],
    fromSeed: 1,
  },
  {
    id: 'S35',
    what: 'a service in maintenance is moved',
    edits: [
      {
        file: 'src/failover/hold.ts',
        find: 'if (service.maintenance !== null) {',
        replace: 'if (service.maintenance?.reason === "") {',
      },
    ],
    invariants: ['I12'],
    fromSeed: 1,
  },
  {
    id: 'S36a',
    what: 'an automatic operation does not wait for the cooldown',
    edits: [
      {
        file: 'src/failover/automatic-rules.ts',
        find: "if (leftMs <= 0) return null;\n  return {\n    rule: 'S36.cooldown'",
        replace: "if (leftMs <= 1e9) return null;\n  return {\n    rule: 'S36.cooldown'",
      },
    ],
    invariants: ['I11'],
    fromSeed: 1,
  },
  {
    id: 'S36b',
    what: 'automatic operations are not counted',
    edits: [
      {
        file: 'src/failover/automatic-rules.ts',
        find: 'if (recent.length < count) return null;',
        replace: 'if (recent.length < 99 * count) return null;',
      },
    ],
    invariants: ['I11'],
    fromSeed: 1,
  },
  {
    id: 'S38',
    what: 'a prober that has lost its session stays away',
    edits: [
      {
        file: 'src/prober/session-keeper.ts',
        find: "deps.logger.warn({ reason, session: session.id }, 'the session is lost; opening another');",
        replace: 'return;',
      },
    ],
    invariants: ['I15', 'I6'],
    fromSeed: 1,
  },
];
