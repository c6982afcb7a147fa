// Rules of the answer of an active-active service, each as an edit that leaves it out.
import type { Mutation } from './mutation.ts';

export const SET_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S24s',
    what: 'a node leaves the answer when the quorum holds it down',
    edits: [
      {
        find: "if (member.isIn && (view?.down.kind === 'agreed' || !isWanted(t.state, id))) {",
        replace: 'if (member.isIn && !isWanted(t.state, id)) {',
      },
    ],
    invariants: ['S28', 'S36'],
    fromSeed: 6,
  },
  {
    id: 'S28s',
    what: 'nobody is answered who was not verified',
    edits: [{ find: 'memberOf(state, node).verified === address && isWanted', replace: 'isWanted' }],
    invariants: ['I3'],
    fromSeed: 6,
  },
  {
    id: 'S28t',
    what: 'nobody is answered whom a person took out',
    edits: [{ find: 'return memberOf(state, node).drained === null && state', replace: 'return state' }],
    invariants: ['I12', 'S31'],
    fromSeed: 103,
  },
  {
    id: 'S28u',
    what: 'below minHealthy every verified node answers',
    edits: [
      { find: 'if (healthy.length > 0 && healthy.length >= minHealthy) {', replace: 'if (healthy.length > 0) {' },
    ],
    invariants: ['S28'],
    fromSeed: 95,
  },
  {
    id: 'S28v',
    what: 'with none who may answer the last answer stays',
    edits: [{ find: "  if (verified.length === 0) return { kind: 'last' };\n", replace: '' }],
    invariants: ['I14'],
    fromSeed: 6,
  },
  {
    id: 'S28w',
    what: 'people who worked on a node leave it unverified',
    edits: [
      {
        find: 'setMember(t, node, { verified: null, owesResync: owesResync ||',
        replace: 'setMember(t, node, { owesResync: owesResync ||',
      },
    ],
    invariants: ['I3'],
    fromSeed: 929,
  },
  {
    id: 'S28x',
    what: 'a node that comes back begins with a part of its share',
    edits: [{ find: 'slowStartMs === 0 || isAlone ? RAMP_STEPS : 1', replace: 'slowStartMs < 0 ? 1 : RAMP_STEPS' }],
    invariants: ['S28'],
    fromSeed: 6,
  },
  {
    id: 'S28y',
    what: 'the share of a node grows to its weight',
    edits: [{ find: 'return isIn && stage < RAMP_STEPS && t.now', replace: 'return isIn && stage < 2 && t.now' }],
    invariants: ['S28'],
    fromSeed: 6,
  },
  {
    id: 'S31s',
    what: 'the action of a drain waits until nobody is sent to the node',
    edits: [
      {
        // As soon as there is a report, whatever it says of the time until which the old answer is held.
        find: "  const seen = t.state.local.propagation;\n  if (seen === null) {\n    ask(t, { kind: 'propagation', epoch });",
        replace:
          "  const told = t.state.local.propagation;\n  const seen = told === null ? null : { ...told, horizonMonoMs: null };\n  if (seen === null) {\n    ask(t, { kind: 'propagation', epoch });",
      },
    ],
    invariants: ['S31'],
    fromSeed: 103,
  },
  {
    id: 'S36s',
    what: 'a node that was away comes back after its resync',
    edits: [{ find: 'isUp && !member.owesResync && mayAnswer', replace: 'isUp && mayAnswer' }],
    invariants: ['S36'],
    fromSeed: 6,
  },
];
