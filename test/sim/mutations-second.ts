// Rules of the second provider that are left out: it follows what was verified (S28), with writes of its own that the next term
// settles (S26), and its answers are its own (S27).
import type { Mutation } from './mutation.ts';

export const SECOND_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S28d',
    what: 'the second provider names the target before it is verified',
    edits: [
      {
        find: 'service: { ...service, ...record },',
        replace: 'service: { ...service, ...record, active: state.op?.to ?? service.active },',
      },
    ],
    invariants: ['I3'],
    fromSeed: 1,
  },
  {
    id: 'S26d',
    what: 'a write at the second provider is forgotten by the next term',
    edits: [{ find: 'onEachRecord(t, takeRecordOver);', replace: 'takeRecordOver(t);' }],
    invariants: ['I15'],
    fromSeed: 617,
  },
  {
    id: 'S27d',
    what: 'an answer of the second provider is taken for one of the first',
    edits: [
      { find: 'if (event.isSecond === true) onSecond(t, take);', replace: 'if (event.isSecond === null) return;' },
    ],
    invariants: ['I15', 'I3', 'I4'],
    fromSeed: 1,
  },
];
