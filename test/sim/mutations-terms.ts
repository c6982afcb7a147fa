// Rules of clocks, store, terms and commits (S1 to S10, S37, S38) that are left out. Each edit must fit exactly once in all of the product.
import type { Mutation } from './mutation.ts';

export const TERM_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S1',
    what: 'waits leave no room for clocks that run apart',
    edits: [{ find: '(periodMs * (1 + rho)) / (1 - rho) + marginMs', replace: 'periodMs' }],
    invariants: ['I10', 'I1'],
    fromSeed: 74,
  },
  {
    id: 'S4',
    what: 'a store that was put back to an older state is taken as it is',
    edits: [
      {
        find: "if (mark === null || seen.generation.number > mark.generation.number) return { kind: 'ok' };",
        replace: "return { kind: 'ok' };",
      },
    ],
    invariants: ['I4', 'I5', 'I2'],
    fromSeed: 509,
  },
  {
    id: 'S5',
    what: 'a term has the number of the one before',
    edits: [
      {
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
        find: "if ((await deps.store.outcomeOf(token)) === 'absent') return 'failed';",
        replace: '',
      },
    ],
    invariants: ['I6', 'I2', 'I4', 'I5', 'I15'],
    fromSeed: 43,
  },
  {
    id: 'S7',
    what: 'decisions are not bound to the configuration in force',
    edits: [{ find: '...configGuard(deps),', replace: '' }],
    invariants: ['S7'],
    fromSeed: 289,
  },
  {
    id: 'S7b',
    what: 'a prober outside the configuration in force leads',
    edits: [{ find: 'isMember(deps.config, deps.id) && mayCampaign()', replace: 'mayCampaign()' }],
    invariants: ['S7'],
    fromSeed: 4,
  },
  {
    id: 'S8a',
    what: 'writes are not bound to the term and its session',
    edits: [
      {
        find: '...termGuards(deps.keys, tenure),',
        replace: '',
      },
    ],
    invariants: ['I4'],
    fromSeed: 230,
  },
  {
    id: 'S8b',
    what: 'writes are not bound to the versions of the records',
    edits: [
      {
        find: '...[...this.#versions].map(([key, version]): Guard => {',
        replace: '...[...this.#versions].slice(0, 0).map(([key, version]): Guard => {',
      },
    ],
    invariants: ['I4', 'I5', 'I2', 'I6', 'I15'],
    fromSeed: 206,
  },
  {
    id: 'S8c',
    what: 'a late commit that lands is not looked for',
    edits: [{ find: '        this.#isUnsettled = true;\n', replace: '' }],
    invariants: ['I6', 'I15'],
    fromSeed: 745,
  },
  {
    id: 'S37',
    what: 'the right to act outlasts the contact with the store',
    edits: [
      {
        find: 'this.#deadlineBootMs = sent.bootMs + row.ttlMs;',
        replace: 'this.#deadlineBootMs = sent.bootMs + 60 * row.ttlMs;',
      },
      {
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
    edits: [{ find: "if (before.state === 'idle') return;", replace: 'return;' }],
    invariants: ['I10'],
    fromSeed: 866,
  },
  {
    id: 'S10a',
    what: 'effects are done before their INTENT is committed',
    edits: [
      {
        find: 'const outcome = await this.#commit(state, decided, event);',
        replace: 'this.#do(decided);\n      const outcome = await this.#commit(state, decided, event);',
      },
    ],
    invariants: ['I6', 'I5'],
    fromSeed: 2,
  },
  {
    id: 'S10b',
    what: 'a command does not ask whether an operation runs',
    edits: [
      {
        find: 'if (state.op !== null) {',
        replace: 'if (state.op?.opId === "") {',
      },
    ],
    invariants: ['I1', 'I2', 'I5', 'I6', 'I7', 'I15'],
    fromSeed: 30,
  },
];
