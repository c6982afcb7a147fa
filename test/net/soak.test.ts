// A short soak passes, and the same with a fence device that only says that it has switched off is caught by the checker: what
// `npm run soak` does for half an hour.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whyNoNamespaces } from './support/namespaces.ts';
import { formatVerdict } from './support/play-scenario.ts';
import { playSoak } from './support/play-soak.ts';

const MINUTES = 0.5;
const reason = whyNoNamespaces();

test('a soak of half a minute', async (t) => {
  if (reason !== null) return t.skip(reason);
  const verdict = await playSoak({ minutes: MINUTES, seed: 7, isFenceTrue: true, say: (line) => t.diagnostic(line) });
  process.stdout.write(`soak: ${formatVerdict(verdict)}\n`);
  assert.deepEqual(verdict.violations, []);
});

test('a fence device that only says off is caught', async (t) => {
  if (reason !== null) return t.skip(reason);
  const verdict = await playSoak({ minutes: MINUTES, seed: 7, isFenceTrue: false, say: (line) => t.diagnostic(line) });
  process.stdout.write(`soak without fence proof: ${formatVerdict(verdict)}\n`);
  const found = new Set(verdict.violations.map(({ invariant }) => invariant));
  assert.ok(found.has('I1') || found.has('I7'), `caught: ${[...found].join(', ')}`);
});
