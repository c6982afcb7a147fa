// The records of the store and the state of the machine are one and the same; what cannot be read is a named fault that says
// which record it is.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storeKeys } from '../../../src/base/store-keys.ts';
import { allKeys, decodeMachine, encodeMachine, recordKeys } from '../../../src/controller/machine-records.ts';
import { encodeTerm, parseTerm } from '../../../src/controller/term-record.ts';
import { EMPTY_LOCAL_STATE, type MachineState } from '../../../src/failover/service-state.ts';
import type { StoreEntry } from '../../../src/ports/store.ts';
import { activeState, at, request, serviceRules } from '../failover/machine-fixture.ts';

const RULES = serviceRules();
const KEYS = recordKeys(storeKeys('test'), RULES);
const moving = at(activeState(), request({ kind: 'switchover', from: null, to: null, reason: 'x' })).state;

function entriesOf(records: ReadonlyMap<string, string>): ReadonlyMap<string, StoreEntry> {
  return new Map([...records].map(([key, value]) => [key, { key, value, version: 1, sessionId: null }]));
}

function decode(records: ReadonlyMap<string, string>): MachineState {
  return decodeMachine(KEYS, RULES, entriesOf(records));
}

describe('machine records', () => {
  for (const [name, state] of [
    ['an active service', activeState()],
    ['an operation with a pending intent and a pending DNS write', moving],
    ['a tail', { ...moving, op: null, tail: moving.op }],
  ] as const) {
    test(`round trip: ${name}`, () => {
      const again = decode(encodeMachine(KEYS, state));
      assert.deepEqual(again, JSON.parse(JSON.stringify({ ...state, local: EMPTY_LOCAL_STATE })));
    });
  }

  test('every record that is written is one that is read', () => {
    const written = [...encodeMachine(KEYS, { ...moving, tail: moving.op }).keys()];
    assert.deepEqual(
      written.filter((key) => !allKeys(KEYS).includes(key)),
      [],
    );
  });

  test('nothing on record: nothing is known of any node, and nothing is written for it', () => {
    const state = decode(new Map());
    assert.deepEqual(state.breadcrumbs.a, { kind: 'unknown', version: 0, why: 'no record' });
    assert.deepEqual([...encodeMachine(KEYS, state).keys()], [KEYS.service]);
  });

  test('a service that was granted before and a node without a record: the node joins', () => {
    const records = new Map([[KEYS.service, JSON.stringify(activeState().service)]]);
    assert.equal(decode(records).breadcrumbs.b?.kind, 'joining');
  });

  test('a holder without a record was started and does not join: it needs proof before anything else starts (S7, S19)', () => {
    const service = { ...activeState().service, active: null };
    const grant = { node: 'b', epoch: 1, revoked: false };
    const crumbOf = (records: readonly (readonly [string, unknown])[], node: string) =>
      decode(new Map(records.map(([key, value]) => [key, JSON.stringify(value)]))).breadcrumbs[node]?.kind;
    assert.equal(crumbOf([[KEYS.service, activeState().service]], 'a'), 'unknown');
    assert.equal(
      crumbOf(
        [
          [KEYS.service, service],
          [KEYS.grant, grant],
        ],
        'b',
      ),
      'unknown',
    );
    assert.equal(
      crumbOf(
        [
          [KEYS.service, service],
          [KEYS.grant, { ...grant, revoked: true }],
        ],
        'b',
      ),
      'joining',
    );
  });

  const OP = JSON.parse(JSON.stringify(moving.op)) as Record<string, unknown>;
  const CORRUPT: readonly [name: string, key: string, value: unknown][] = [
    ['no JSON', KEYS.service, undefined],
    ['another shape', KEYS.service, { epoch: 1 }],
    ['an epoch below zero', KEYS.service, { ...activeState().service, epoch: -1 }],
    ['half a step', KEYS.service, { ...activeState().service, step: 0.5 }],
    ['a breadcrumb of no kind', KEYS.breadcrumbs.get('a') ?? '', { kind: 'probably', version: 1 }],
    [
      'a proof without its revision',
      KEYS.breadcrumbs.get('a') ?? '',
      { kind: 'down', version: 1, how: 'x', wallMs: 1 },
    ],
    ['a grant to nobody', KEYS.grant, { node: null, epoch: 1, revoked: false }],
    ['a phase that does not exist', KEYS.op, { ...OP, phase: 'WAITING' }],
    ['an operation that is done', KEYS.op, { ...OP, phase: 'DONE' }],
    ['an operation without its ladder level', KEYS.op, { ...OP, fenceLevel: undefined }],
    ['an operation that does not know whether it started', KEYS.op, { ...OP, startIntended: undefined }],
    ['a tail without phases', KEYS.tail, { ...OP, phases: undefined }],
  ];
  for (const [name, key, value] of CORRUPT) {
    test(`${name} is a fault that names ${key}`, () => {
      const text = value === undefined ? '{"epoch":' : JSON.stringify(value);
      const records = new Map([...encodeMachine(KEYS, activeState()), [key, text]]);
      assert.throws(() => decode(records), { code: 'ONEUP_STORE_CORRUPT', message: new RegExp(`record ${key}:`) });
    });
  }
});

describe('term record', () => {
  test('round trip', () => {
    const record = { term: 7, holder: 'p1', state: 'held', ttlMs: 15_000 } as const;
    assert.deepEqual(parseTerm(encodeTerm(record)), record);
  });

  test('the time before the first term needs no wait', () => {
    for (const text of [undefined, '0'])
      assert.deepEqual(parseTerm(text), { term: 0, holder: null, state: 'idle', ttlMs: 0 });
  });

  for (const text of ['', '{', 'null', '1.5', '"7"', '{"term":"7"}', '{"term":7,"state":"gone"}']) {
    test(`${JSON.stringify(text)} is a fault with its value`, () => {
      assert.throws(() => parseTerm(text), { code: 'ONEUP_STORE_CORRUPT', message: /term record: value was/ });
    });
  }
});
