// The head of a plan says of DNS what its record section says: what stands at the provider, and what a failover would write there.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { renderPlan } from '../../../src/cli/render-plan.ts';
import { renderRecord, renderRecordOfPlan } from '../../../src/cli/render-record.ts';
import { readPlan } from '../../../src/controller/read-plan.ts';
import type { RecordReport } from '../../../src/controller/read-record.ts';
import { createReadBench } from '../controller/read-bench.ts';

const REPORT: RecordReport = {
  ...{
    name: 'web.example.com.',
    provider: 'aws',
    kind: 'route53',
    ownership: 'oneup1',
    node: 'b',
    problem: null,
    shown: null,
    repairable: null,
    second: null,
  },
  holds: ['CNAME one.example.net. with TTL 60'],
  answer: { before: 'one.example.net.', after: 'two.example.net.' },
  change: [{ before: 'CNAME one.example.net. with TTL 60', after: 'CNAME two.example.net. with TTL 60' }],
};
const FOREIGN = { rule: 'S27.dns-drift', reason: 'A holds 203.0.113.9', remedy: 'Remove it' } as const;

async function headOf(record: RecordReport | null): Promise<string> {
  const { deps, service } = await createReadBench();
  const text = renderPlan(await readPlan(deps, service), 0, record);
  return text.split('\n').find((line) => line.startsWith('  DNS ')) ?? '';
}

describe('the head of a plan', () => {
  test('names what the provider holds and would hold, a CNAME too', async () => {
    assert.match(await headOf(REPORT), /: one\.example\.net\. -> two\.example\.net\.$/);
  });

  test('does not promise a write that the record section says is refused', async () => {
    assert.match(await headOf({ ...REPORT, problem: FOREIGN, change: null }), / -> not written, by S27\.dns-drift$/);
    const unowned = { ...REPORT, ownership: null, shown: '3f9ab0c41d27' };
    assert.match(await headOf(unowned), / -> not written, by S27\.dns-drift$/);
    const section = renderRecordOfPlan('web', unowned).join('\n');
    assert.match(section, /S27\.dns-drift: .*without oneup's ownership TXT\n +remedy: .*oneup adopt web --record/);
    assert.ok(!section.includes('two.example.net.'), 'a write that is refused is not shown as a change');
  });

  test('falls back on what was last written where the provider did not answer', async () => {
    assert.match(await headOf(null), /^ {2}DNS \S+: \S+ -> \S+$/);
  });
});

test('adopt --record says a refusal as every command does', () => {
  const text = renderRecord('web', { ...REPORT, ownership: null, problem: FOREIGN, change: null });
  assert.match(text, /^At provider aws, .*\nRefused by S27\.dns-drift: A holds 203\.0\.113\.9\nRemedy: Remove it$/);
});
