// Rules of grants, steps, proof and seeing (S11 to S25) that are left out. Each edit must fit exactly once in all of the product.
import type { Mutation } from './mutation.ts';

export const PROOF_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S11a',
    what: 'a grant does not raise the epoch',
    edits: [
      {
        find: 'const epoch = t.state.service.epoch + 1;',
        replace: 'const { epoch } = t.state.service;',
      },
    ],
    invariants: ['I4', 'I3'],
    fromSeed: 3,
  },
  {
    id: 'S11b',
    what: 'a grant leaves no breadcrumb',
    edits: [
      { find: "setBreadcrumb(t, to, { kind: 'maybe', epoch, wasDown });", replace: '' },
      {
        find: "if (t.state.breadcrumbs[node]?.kind !== 'maybe') setBreadcrumb(t, node, { kind: 'maybe', epoch });",
        replace: '',
      },
    ],
    invariants: ['I7', 'I2', 'I1'],
    fromSeed: 3,
  },
  {
    id: 'S12',
    what: 'the guard takes every step for a new one',
    edits: [
      {
        find: '|| a.step - b.step || a.part - b.part;',
        replace: '|| 1;',
      },
      {
        find: 'a.epoch - b.epoch || a.step - b.step;',
        replace: 'a.epoch - b.epoch || 1;',
      },
    ],
    invariants: ['I5', 'I1', 'I10'],
    fromSeed: 3,
  },
  {
    id: 'S17a',
    what: 'nobody looks whether a node still answers',
    edits: [
      {
        find: 'if (liar !== undefined) return stillAnswering(t, liar);',
        replace: '',
      },
    ],
    invariants: ['I1'],
    fromSeed: 825,
  },
  {
    id: 'S17b',
    what: 'a stop that failed is as good as one that was done',
    edits: [
      {
        find: "if (outcome.kind === 'done') proveDown(t, node, `stop",
        replace: "if (outcome.kind !== 'refused') proveDown(t, node, `stop",
      },
    ],
    invariants: ['I7', 'I1'],
    fromSeed: 111,
  },
  {
    id: 'S18',
    what: 'the exit code of a fence command is proof',
    edits: [
      {
        find: "kind: kind === 'off' ? 'done' : kind",
        replace: "kind: kind === 'off' || kind === 'notOff' ? 'done' : kind",
      },
    ],
    invariants: ['I7', 'I1'],
    fromSeed: 734,
  },
  {
    id: 'S19',
    what: 'a node that may run counts as proven down',
    edits: [
      {
        find: "return mustBeDown(state, op).filter((id) => state.breadcrumbs[id]?.kind !== 'down');",
        replace: "return mustBeDown(state, op).filter((id) => state.breadcrumbs[id]?.kind === 'unknown');",
      },
    ],
    invariants: ['I2', 'I1', 'I7'],
    fromSeed: 3,
  },
  {
    id: 'S20',
    what: 'an operation starts its target without the proofs',
    edits: [
      {
        find: 'if (missing.length > 0) {',
        replace: 'if (missing.length > 99) {',
      },
      {
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
      { find: 'Math.floor(probers.length / 2) + 1', replace: '1' },
      { find: '&& vantagesOf(group).length >= minVantages', replace: '' },
    ],
    invariants: ['I3'],
    fromSeed: 2,
  },
  {
    id: 'S25',
    what: 'votes from before the start count in its verification',
    edits: [
      {
        find: 'return stamp !== null && verifying !== null &&',
        replace: 'return verifying !== null || stamp !== null && verifying !== null &&',
      },
    ],
    invariants: ['I3'],
    fromSeed: 2,
  },
];
