// What a prober left in the store is read as what it is, or as nothing: another version, or somebody's hand, may have written it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseVantage } from '../../../../src/cli/connect/vantage.ts';

const FINDING = { area: 'check', subject: 'web/a check', outcome: 'ok', says: 'passes' };
const FACTS = { generation: 1, active: { web: 'a' }, agents: { 'web/a': 'keeper' }, unfit: { 'web/b': 'masked' } };
const VANTAGE = { prober: 'p1', findings: [FINDING], unlisted: 0, problem: null };
const RECORD = { id: 'q', vantage: VANTAGE, facts: FACTS };

const DAMAGED: readonly (readonly [what: string, value: unknown])[] = [
  ['no map', []],
  ['no id', { ...RECORD, id: 1 }],
  ['no vantage', { ...RECORD, vantage: null }],
  ['no list of findings', { ...RECORD, vantage: { ...VANTAGE, findings: {} } }],
  ['a finding of an unknown area', { ...RECORD, vantage: { ...VANTAGE, findings: [{ ...FINDING, area: 'x' }] } }],
  ['a finding that is null', { ...RECORD, vantage: { ...VANTAGE, findings: [null] } }],
  ['an unknown outcome', { ...RECORD, vantage: { ...VANTAGE, findings: [{ ...FINDING, outcome: 'fine' }] } }],
  ['a problem that is no text', { ...RECORD, vantage: { ...VANTAGE, problem: {} } }],
  ['facts without agents', { ...RECORD, facts: { ...FACTS, agents: undefined } }],
  ['an unknown keeper', { ...RECORD, facts: { ...FACTS, agents: { 'web/a': 'me' } } }],
  ['facts without faults', { ...RECORD, facts: { ...FACTS, unfit: undefined } }],
  ['a fault that is no text', { ...RECORD, facts: { ...FACTS, unfit: { 'web/b': {} } } }],
  ['an active that is no name', { ...RECORD, facts: { ...FACTS, active: { web: 1 } } }],
];

describe('parseVantage', () => {
  test('what a prober writes comes back, with and without facts', () => {
    assert.deepEqual(parseVantage(JSON.stringify(RECORD)), RECORD);
    assert.deepEqual(parseVantage(JSON.stringify({ ...RECORD, facts: null })), { ...RECORD, facts: null });
  });

  for (const [what, value] of DAMAGED) {
    test(`${what} is nothing`, () => assert.equal(parseVantage(JSON.stringify(value)), null));
  }

  test('nothing, and text that is no JSON, are nothing', () => {
    assert.equal(parseVantage(undefined), null);
    assert.equal(parseVantage('{'), null);
  });
});
