// Draws events for the machine so that most of them mean something in the state they meet: results of the pending intent,
// answers to the question asked, what is seen when all goes well, and now and then what never should be.
import fc from 'fast-check';
import type { MachineCommand } from '../../../src/failover/machine-command.ts';
import type { Answer, DnsOutcome, IntentOutcome, MachineEvent } from '../../../src/failover/machine-event.ts';
import { OVERRIDABLE } from '../../../src/failover/overrides.ts';
import type { MachineState } from '../../../src/failover/service-state.ts';
import { type Look, nodeRules, serviceRules, viewOf } from './machine-fixture.ts';

export const NODES = ['a', 'b', 'c'] as const;

/** An event that is still to be fitted to the state: which intent it answers is only known there. */
export type Draft = {
  readonly afterMs: number;
  readonly make: (state: MachineState, revision: number) => MachineEvent;
};

const node = fc.constantFrom(...NODES);
const look = fc.constantFrom<Look>('up', 'down', 'down', 'gone', 'silent');
const looks = fc.oneof(look, fc.tuple(look, look, look));
const reason = fc.constant('drawn');
const often = fc.constantFrom(true, true, true, true, false);
const seen = fc.record({ a: looks, b: looks, c: looks });

const command: fc.Arbitrary<MachineCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('switchover' as const),
      from: fc.option(node, { freq: 1 }),
      to: fc.option(node, { freq: 1 }),
      reason,
    }),
  },
  fc.record({ kind: fc.constant('failback' as const), reason }),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('adopt' as const), node: fc.constantFrom('a', ...NODES), reason }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('rejoin' as const), node, reason }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fenceTest' as const),
      node,
      level: fc.option(fc.nat(2), { freq: 2 }),
      reason,
    }),
  },
  fc.record({ kind: fc.constant('confirmDown' as const), node, reason, version: fc.nat(12) }),
  fc.record({
    kind: fc.constant('maintenance' as const),
    on: fc.boolean(),
    node: fc.option(node, { freq: 2 }),
    reason,
    expiresAfterMs: fc.nat(60_000),
  }),
  fc.record({
    kind: fc.constant('failover' as const),
    to: node,
    overrides: fc.subarray([...OVERRIDABLE, 'S17.proof-missing' as const], { maxLength: 3 }),
    reason,
  }),
  fc.record({
    kind: fc.constant('schedule' as const),
    from: fc.option(node, { freq: 1 }),
    to: fc.option(node, { freq: 1 }),
    atWallMs: fc.oneof(fc.integer({ min: 1_767_225_600_000, max: 1_767_225_900_000 }), fc.double()),
    reason,
  }),
  fc.record({ kind: fc.constant('unschedule' as const), reason }),
  fc.record({
    kind: fc.constant('drill' as const),
    live: fc.boolean(),
    to: fc.option(node, { freq: 2 }),
    holdMs: fc.nat(10_000),
    reason,
  }),
  fc.record({ kind: fc.constant('freeze' as const), on: often.map((isUsual) => !isUsual), reason }),
  fc.record({ kind: fc.constant('gate' as const), gate: fc.constant('release'), open: often, reason }),
  fc.record({ kind: fc.constant('ack' as const), reason }),
  fc.record({ kind: fc.constant('clearFailures' as const), node: fc.option(node), reason }),
  fc.record({
    kind: fc.constant('repair' as const),
    node,
    rootCause: fc.option(fc.constant('the disk')),
    reason,
  }),
);
/** Bound to the operation that runs, most of the time. */
const order = fc.record({
  kind: fc.constantFrom('abort' as const, 'rollback' as const, 'continue' as const),
  isRight: often,
});
const outcome = fc.record<IntentOutcome>({
  kind: fc.constantFrom(
    'done',
    'done',
    'done',
    'done',
    'done',
    'done',
    'done',
    'done',
    'failed',
    'timeout',
    'killed',
    'refused',
    'notOff',
    'error',
  ),
  reason,
  evidence: fc.constant({}),
});
const dnsOutcome: fc.Arbitrary<DnsOutcome> = fc.oneof(
  { weight: 8, arbitrary: fc.constant<DnsOutcome>({ kind: 'applied' }) },
  fc.record({ kind: fc.constant('stale' as const), reason }),
  fc.record({ kind: fc.constant('drift' as const), reason }),
  fc.record({ kind: fc.constant('deferred' as const), retryAfterMs: fc.nat(20_000), reason }),
  fc.record({
    kind: fc.constant('failed' as const),
    applied: fc.constantFrom('none', 'unknown'),
    reason,
    code: fc.constantFrom('ONEUP_PROVIDER_THROTTLED', 'ONEUP_PROVIDER_DENIED', null),
    isRetryable: fc.boolean(),
    retryAfterMs: fc.constantFrom(null, 5_000, 1e12),
    jitter: fc.constantFrom(0, 0.5, 0.99),
  }),
);
const role = fc.constantFrom(
  'active',
  'active',
  'active',
  'active',
  'active',
  'active',
  'active',
  'standby',
  'stopped',
  'starting',
  'unknown',
);

function answerFor(state: MachineState, draw: { ok: boolean; role: string; isRight: boolean }): MachineEvent {
  const question = state.local.asking.at(-1) ?? 'status:a';
  const [kind, subject = 'a'] = question.split(':');
  const answers: Readonly<Record<string, Answer>> = {
    precheck: { kind: 'precheck', node: subject, ok: draw.ok, reason: 'drawn', lag: null },
    fenceStatus: { kind: 'fenceStatus', node: subject, level: 0, ok: draw.ok, isOff: !draw.isRight, reason: 'drawn' },
    dnsAccess: { kind: 'dnsAccess', ok: draw.ok, reason: 'drawn' },
    propagation: { kind: 'propagation', laggards: draw.ok ? [] : ['p1'], horizonMonoMs: draw.isRight ? 0 : null },
  };
  const epoch = (state.op?.epoch ?? 0) - (draw.isRight ? 0 : 1);
  const status = { kind: 'status', node: subject, role: draw.role, epoch, reason: 'drawn' } as Answer;
  return { kind: 'answer', question, answer: answers[kind ?? ''] ?? status };
}

const make: fc.Arbitrary<Draft['make']> = fc.oneof(
  {
    weight: 8,
    arbitrary: often.map(
      (isActiveUp): Draft['make'] =>
        (state, revision) =>
          asItGoes(state, revision, isActiveUp),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ seen, isStamped: fc.boolean() }).map(({ seen, isStamped }) => lookOf(seen, isStamped)),
  },
  { weight: 3, arbitrary: fc.constant<Draft['make']>(() => ({ kind: 'tick' })) },
  {
    weight: 8,
    arbitrary: fc
      .record({ outcome, off: fc.constantFrom(0, 0, 0, 0, -1, 1) })
      .map(({ outcome, off }): Draft['make'] => (state) => ({
        kind: 'result',
        seq: (state.op?.intent?.seq ?? 0) + off,
        outcome,
      })),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ outcome: dnsOutcome, off: fc.constantFrom(0, 0, 0, -1, 1) })
      .map(({ outcome, off }): Draft['make'] => (state) => ({
        kind: 'dns',
        seq: (state.service.dns.pending?.seq ?? 0) + off,
        outcome,
      })),
  },
  {
    weight: 5,
    arbitrary: fc.record({ ok: often, role, isRight: often }).map(
      (draw): Draft['make'] =>
        (state) =>
          answerFor(state, draw),
    ),
  },
  {
    weight: 3,
    arbitrary: command.map((command): Draft['make'] => () => ({
      kind: 'request',
      id: 'r',
      version: 1,
      actor: 'ann',
      command,
    })),
  },
  {
    weight: 1,
    arbitrary: order.map(({ kind, isRight }): Draft['make'] => ({ op }) => {
      const opId = isRight ? (op?.opId ?? 'none') : 'other';
      return { kind: 'request', id: 'r', version: 1, actor: 'bob', command: { kind, opId, reason: 'drawn' } };
    }),
  },
  { weight: 1, arbitrary: fc.constant<Draft['make']>(() => ({ kind: 'failbackWindow', openForMs: 60_000 })) },
  {
    weight: 1,
    arbitrary: seen.map((looks): Draft['make'] => (state, revision) => ({
      kind: 'takeover',
      term: state.local.term + 1,
      view: viewOf(looks, { revision }),
    })),
  },
  {
    weight: 1,
    arbitrary: fc.boolean().map(
      (automatic): Draft['make'] =>
        () =>
          rulesEvent(automatic),
    ),
  },
);

/** What is seen when all goes well: the target while it is verified, else the active or nobody. */
function asItGoes({ op, service }: MachineState, revision: number, isActiveUp: boolean): MachineEvent {
  const isVerifying = op?.phase === 'VERIFY_NEW' && op.epoch !== null;
  const up = isVerifying
    ? op.to
    : isActiveUp
      ? service.active
      : service.active === null && (op === null || op.kind === 'adopt')
        ? 'a'
        : null;
  const stamp = isVerifying ? { opId: op.opId, epoch: op.epoch ?? 0 } : null;
  const looks = Object.fromEntries(NODES.map((id) => [id, id === up ? 'up' : 'down'] as const));
  return { kind: 'seen', view: viewOf(looks, { revision, stamp }) };
}

function lookOf(looks: Parameters<typeof viewOf>[0], isStamped: boolean): Draft['make'] {
  return ({ op }, revision) => {
    const isVerifying = isStamped && op?.phase === 'VERIFY_NEW' && op.epoch !== null;
    const stamp = isVerifying ? { opId: op.opId, epoch: op.epoch ?? 0 } : null;
    return { kind: 'seen', view: viewOf(looks, { revision, stamp }) };
  };
}

export function rules(exclusive: boolean, automatic = true): MachineState['rules'] {
  const actions = {
    start: 10_000,
    stop: 8_000,
    status: 5_000,
    precheck: 5_000,
    sync: 5_000,
    resync: 5_000,
    drain: 5_000,
    undrain: 5_000,
  };
  const nodes = NODES.map((id, place) => nodeRules(id, { actions, fenceLevels: place === 0 ? 0 : 2 }));
  return serviceRules({
    exclusive,
    automatic,
    warmStandby: !automatic,
    nodes,
    cooldownMs: 20_000,
    restart: { attempts: automatic ? 1 : 0, perMs: 60_000 },
    cutover: exclusive ? 'verified' : 'early',
    failback: 'window',
    resyncAfter: automatic ? 'move' : 'failure',
    gates: ['release'],
    ttl: { steadyMs: automatic ? 20_000 : 5_000, suspectMs: 5_000, followsSuspicion: true },
    stableForMs: 10_000,
    opMaxAgeMs: 1_800_000,
  });
}

function rulesEvent(automatic: boolean): MachineEvent {
  return { kind: 'rules', rules: rules(true, automatic) };
}

export const drafts = fc.array(fc.record({ afterMs: fc.constantFrom(0, 50, 50, 1_000, 5_000, 30_000), make }), {
  minLength: 40,
  maxLength: 160,
});
