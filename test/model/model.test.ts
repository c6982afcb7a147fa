// The runner of the model check: what it reads from the verifier and from a replay, and that model, table and page agree.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { REPOSITORY } from '../support/house/source-tree.ts';
import { MODEL } from './build-verifier.ts';
import { formatReplay } from './format-replay.ts';
import { formatCheck, formatCount } from './format-results.ts';
import { parsePan } from './parse-pan.ts';
import { macrosOf, VARIANTS } from './variants.ts';
import type { CheckResult } from './verify-variant.ts';

const COMPLETE = `
(Spin Version 6.5.2 -- 6 December 2019)
	+ Partial Order Reduction

State-vector 124 byte, depth reached 278, errors: 0
  2033590 states, stored
  5555555 states, matched

  340.634	total actual memory usage
`;
const VIOLATED = COMPLETE.replace('errors: 0', 'errors: 1').replace(
  '\n(Spin',
  'pan:1: assertion violated  !( !( !((runs[0]&&runs[1])))) (at depth 121)\nWarning: Search not completed\n(Spin',
);

describe('parsePan', () => {
  const facts = { states: 2_033_590, depth: 278, memoryMb: 340.634 };

  test('a complete search without errors holds', () => {
    assert.deepEqual(parsePan(COMPLETE), { outcome: 'holds', reason: null, ...facts });
  });

  test('an error is a violation, also as a cycle, and although the search then ends early', () => {
    const reason = 'pan:1: assertion violated  !( !( !((runs[0]&&runs[1])))) (at depth 121)';
    assert.deepEqual(parsePan(VIOLATED), { outcome: 'violated', reason, ...facts });
    assert.equal(parsePan(VIOLATED.replace('assertion violated', 'non-progress cycle'))?.outcome, 'violated');
  });

  test('a search that did not see everything proves nothing', () => {
    const endings = [
      'error: max search depth too small',
      'Warning: Search not completed',
      'pan: reached -DMEMLIM bound',
      'pan: out of memory',
    ];
    for (const reason of endings) {
      assert.deepEqual(parsePan(`${reason}\n${COMPLETE}`), { outcome: 'unfinished', reason, ...facts });
    }
  });

  test('reads great numbers and counts of a search for cycles', () => {
    const text = COMPLETE.replace('2033590 states, stored', '1.25e+09 states, stored (2.5e+09 visited)');
    assert.equal(parsePan(text)?.states, 1_250_000_000);
  });

  test('other text is no report', () => {
    assert.equal(parsePan("pan: error: cannot find claim 'I3'"), null);
  });
});

describe('formatReplay', () => {
  test('names processes as the model does, and leaves out branches that decide nothing', () => {
    const text = [
      'Starting Controller with pid 3',
      '  2:	proc  1 (:init::1) failover.pml:450 (state 23)	[(run Controller(1))]',
      'Starting Node with pid 4',
      '  9:	proc  2 (Controller:1) failover.pml:122 (state 2)	[else]',
      ' 10:	proc  2 (Controller:1) failover.pml:154 (state 9)	[phase = stopOld]',
      '<<<<<START OF CYCLE>>>>>',
      ' 11:	proc  3 (Node:1) failover.pml:341 (state 4)	[power[n] = 0]',
    ].join('\n');
    assert.deepEqual(formatReplay(text).split('\n'), [
      '  10  Controller 1  line 154  phase = stopOld',
      '      from here on for ever:',
      '  11  Node 0        line 341  power[n] = 0',
    ]);
  });
});

describe('formatCheck', () => {
  const names = { property: 'I1', nodes: 'agent', mutation: 'NO_REVOKE', rule: 'S15', expected: 'violated' } as const;
  const cost = { states: 6_568, depth: 328, memoryMb: 139, durationMs: 86, buildMs: 1_900 };
  const caught: CheckResult = {
    ...names,
    ...cost,
    outcome: 'violated',
    reason: null,
    counterexample: null,
    isGood: true,
  };
  const missed: CheckResult = { ...caught, outcome: 'unfinished', reason: 'pan: out of memory', isGood: false };

  test('says what a check was about, what it cost and, if it failed, what it must be', () => {
    assert.match(
      formatCheck(caught),
      /^ok +agent: I1 without S15 \(NO_REVOKE\) +violated +6568 states, depth 328, 86ms$/,
    );
    assert.match(formatCheck(missed), /^FAILED .*\n +expected: violated; the verifier says: pan: out of memory$/);
    const broken: CheckResult = { ...missed, mutation: null, counterexample: '  10  Node 0' };
    assert.match(formatCheck(broken), /^FAILED +agent: I1 .*\n.*\n {2}10 {2}Node 0$/);
    assert.equal(formatCount([caught, missed]), '0 properties hold, 1 mutations are caught, 1 failed');
  });
});

describe('variants', () => {
  const model = readFileSync(join(REPOSITORY, MODEL), 'utf8');
  const page = readFileSync(join(REPOSITORY, 'docs/model/README.md'), 'utf8');

  test('every macro of a variant is one that the model asks for', () => {
    for (const macro of VARIANTS.flatMap(macrosOf)) {
      const [name = ''] = macro.split('=');
      assert.match(model, new RegExp(`^#ifn?def ${name}$`, 'm'), `${MODEL} never asks for ${name}`);
    }
  });

  test('the page has a row for every mutation, and no other', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (S\d+) \| (guard|agent) \| (I1|I2|progress) \| (.*) \|$/gm)];
    const expected = VARIANTS.flatMap(({ mutation, nodes, properties: [property = ''] }) =>
      mutation === null ? [] : [[mutation.macro, mutation.rule, nodes, property, mutation.meaning]],
    );
    assert.deepEqual(
      rows.map((row) => row.slice(1, 6)),
      expected,
    );
  });

  test('every property holds for both kinds of nodes in the model itself', () => {
    for (const nodes of ['guard', 'agent'] as const) {
      const own = VARIANTS.filter((variant) => variant.mutation === null && variant.nodes === nodes);
      assert.deepEqual(own.flatMap(({ properties }) => properties).sort(), ['I1', 'I2', 'progress']);
    }
  });
});
