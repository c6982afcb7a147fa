// What a check must see of the active and of a standby, and what is wrong with it otherwise.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CheckName, judgeChecks, type NodeLook } from '../../../../src/cli/connect/judge-checks.ts';
import type { ProbeResult } from '../../../../src/health/probe-result.ts';
import { acceptedConfig, configText } from '../../../support/config-text.ts';

const PASS: ProbeResult = { kind: 'pass', phases: { connect: 2 }, detail: 'status 200' };
const REFUSED: ProbeResult = { kind: 'fail', phases: {}, phase: 'connect', reason: 'refused', reach: 'reached' };
const SILENT: ProbeResult = { kind: 'fail', phases: {}, phase: 'connect', reason: 'no answer', reach: 'unreached' };
const ERROR: ProbeResult = { kind: 'error', phases: {}, reason: 'no route' };

type Seen = readonly [node: string, result: ProbeResult, name?: CheckName];

const ROWS: readonly {
  readonly when: string;
  readonly active: string | null;
  readonly seen: readonly Seen[];
  readonly outcomes: readonly string[];
  readonly says?: RegExp;
}[] = [
  {
    when: 'as it should be',
    active: 'a',
    seen: [
      ['a', PASS],
      ['b', REFUSED],
    ],
    outcomes: ['ok', 'expected'],
    says: /expected: it is a standby/,
  },
  {
    when: 'the active fails',
    active: 'a',
    seen: [
      ['a', SILENT],
      ['b', REFUSED],
    ],
    outcomes: ['wrong', 'expected'],
  },
  {
    when: 'the host of a standby is silent',
    active: 'a',
    seen: [
      ['a', PASS],
      ['b', SILENT],
    ],
    outcomes: ['ok', 'expected'],
    says: /is it on\?/,
  },
  {
    when: 'a standby answers as active',
    active: 'a',
    seen: [
      ['a', PASS],
      ['b', PASS],
    ],
    outcomes: ['ok', 'wrong'],
    says: /S25/,
  },
  {
    when: 'nobody can look',
    active: 'a',
    seen: [
      ['a', PASS],
      ['b', ERROR],
    ],
    outcomes: ['ok', 'wrong'],
    says: /cannot look/,
  },
  {
    when: 'no record, one answers',
    active: null,
    seen: [
      ['a', REFUSED],
      ['b', PASS],
    ],
    outcomes: ['expected', 'ok'],
  },
  {
    when: 'no record, none answers',
    active: null,
    seen: [
      ['a', REFUSED],
      ['b', REFUSED],
    ],
    outcomes: ['wrong', 'wrong'],
    says: /no node/,
  },
  {
    when: 'no record, two answer',
    active: null,
    seen: [
      ['a', PASS],
      ['b', PASS],
    ],
    outcomes: ['wrong', 'wrong'],
    says: /a and b answer/,
  },
  {
    when: 'a warm standby is not well',
    active: 'a',
    seen: [
      ['a', PASS],
      ['b', REFUSED, 'standbyCheck'],
    ],
    outcomes: ['ok', 'wrong'],
  },
  {
    when: 'a warm standby is well',
    active: 'a',
    seen: [
      ['a', REFUSED, 'standbyCheck'],
      ['b', PASS, 'standbyCheck'],
    ],
    outcomes: ['expected', 'ok'],
  },
];

describe('judgeChecks', () => {
  const [service] = acceptedConfig(configText()).services;
  for (const { when, active, seen, outcomes, says } of ROWS) {
    test(when, () => {
      assert.ok(service !== undefined);
      const looks = seen.map(([node, result, name = 'check']): NodeLook => {
        return { service: service.id, node, name, isActiveCheck: name === 'check', result };
      });
      const findings = judgeChecks(service, active, looks);
      assert.deepEqual(
        findings.map(({ outcome }) => outcome),
        outcomes,
      );
      if (says !== undefined) assert.match(findings.map((finding) => finding.says).join('\n'), says);
    });
  }
});
