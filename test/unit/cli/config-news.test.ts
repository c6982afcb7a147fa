// The log tells once that another configuration is in force, with its proposer where that is known.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigNews } from '../../../src/cli/config-news.ts';
import { SILENT } from '../../support/prober-world.ts';

test('a change is told with the prober whose proposal it was; a beginning is no change', () => {
  const told: string[] = [];
  const news = new ConfigNews({ ...SILENT, info: (_data, message) => told.push(message) });
  const [first, next, third] = ['1', '2', '3'].map((digit) => digit.repeat(64)) as [string, string, string];
  news.inForce(first);
  news.inForce(first);
  news.inForce(null);
  assert.deepEqual(told, []);
  news.inForce(first);
  news.proposed({ digest: next, by: 'p4' });
  news.inForce(next);
  news.inForce(third);
  assert.deepEqual(told, [
    `the configuration in force is now ${'2'.repeat(12)}, proposed by p4`,
    `the configuration in force is now ${'3'.repeat(12)}`,
  ]);
});
