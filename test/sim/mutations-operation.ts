// Rules of DNS writes and operations (S26 to S36) that are left out. Each edit must fit exactly once in all of the product.
import type { Mutation } from './mutation.ts';

export const OPERATION_MUTATIONS: readonly Mutation[] = [
  {
    id: 'S26a',
    what: 'DNS is written whatever is there',
    edits: [
      {
        find: 'zones.list(zone), namesOf(changes));\n    const reason = findConflict(changes, current);',
        replace: 'zones.list(zone), namesOf(changes));\n    const reason = findConflict([], current);',
      },
    ],
    invariants: ['I4', 'I3', 'I14'],
    fromSeed: 170,
  },
  {
    id: 'S26b',
    what: 'a DNS write keeps the number of the one before',
    edits: [{ find: 'seq: dns.seq + 1', replace: 'seq: Math.max(1, dns.seq)' }],
    invariants: ['I4', 'I15'],
    fromSeed: 3,
  },
  {
    id: 'S27',
    what: 'a foreign address in the record is written over',
    edits: [
      {
        find: 'if (foreign.length > 0) return drift(rrset, foreign);',
        replace: '',
      },
    ],
    invariants: ['I14'],
    fromSeed: 43,
  },
  {
    id: 'S28',
    what: 'DNS names the target before it is verified',
    edits: [
      {
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
        find: 'if (op.pastReturn) return pastReturn(op);',
        replace: '',
      },
      {
        find: 'if (op.pastReturn) note(',
        replace: 'if (op.opId === "") note(',
      },
    ],
    invariants: ['I6', 'I3'],
    fromSeed: 90,
  },
  {
    id: 'S33',
    what: 'an intent without a result is forgotten by the next term',
    edits: [{ find: 'if (op.intent !== null) resend(t, op.intent);', replace: '' }],
    invariants: ['I6', 'I15'],
    fromSeed: 6,
  },
  {
    id: 'S34',
    what: 'an operation that waits does not say why',
    edits: [{ find: 'patchOperation(t, { blocked: refusal }, slot);', replace: '' }],
    invariants: ['I6', 'I15'],
    fromSeed: 94,
  },
  {
    id: 'S35',
    what: 'a service in maintenance is moved',
    edits: [
      {
        find: 'if (service.maintenance !== null) {',
        replace: 'if (service.maintenance?.reason === "") {',
      },
    ],
    invariants: ['I12'],
    fromSeed: 72,
  },
  {
    id: 'S36a',
    what: 'an automatic operation does not wait for the cooldown',
    edits: [
      {
        find: "if (leftMs <= 0) return null;\n  return {\n    rule: 'S36.cooldown'",
        replace: "if (leftMs <= 1e9) return null;\n  return {\n    rule: 'S36.cooldown'",
      },
    ],
    invariants: ['I11'],
    fromSeed: 135,
  },
  {
    id: 'S36b',
    what: 'automatic operations are not counted',
    edits: [
      {
        find: 'if (recent.length < count) return null;',
        replace: 'if (recent.length < 99 * count) return null;',
      },
    ],
    invariants: ['I11'],
    fromSeed: 51,
  },
  {
    id: 'S36c',
    what: 'a fence is tested at any node',
    edits: [
      {
        find: 'const isHolder = holds(state, node);',
        replace: 'const isHolder = false; if (isHolder === false) return null;',
      },
    ],
    invariants: ['I12'],
    fromSeed: 20,
  },
];
