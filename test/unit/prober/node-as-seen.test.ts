// Overrides of a check take its place for the prober they name, and for nobody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckConfig, NodeConfig } from '../../../src/config/config.ts';
import { nodeAsSeenBy } from '../../../src/prober/node-as-seen.ts';
import { acceptedConfig, configText } from '../../support/config-text.ts';
import { openProberWorld } from '../../support/prober-world.ts';

function firstNode(): NodeConfig {
  const node = acceptedConfig(configText()).services[0]?.nodes[0];
  assert.ok(node !== undefined);
  return node;
}

const own = { prober: 'p2', target: { kind: 'tcp', host: '10.0.0.1', port: 1 }, timeoutMs: 77 } as const;

test('nodeAsSeenBy leaves a node without an override as it is', () => {
  const node = firstNode();
  assert.equal(nodeAsSeenBy('p1', node), node);
  const check: CheckConfig = { ...node.check, overrides: [own] };
  const other = { ...node, check, activeCheck: check };
  assert.equal(nodeAsSeenBy('p1', other), other);
});

test('nodeAsSeenBy puts target and timeout of the override in place, and one check stays one', () => {
  const node = firstNode();
  const check: CheckConfig = { ...node.check, overrides: [own] };
  const seen = nodeAsSeenBy('p2', { ...node, check, activeCheck: check });
  assert.deepEqual([seen.check.target, seen.check.timeoutMs], [own.target, 77]);
  assert.equal(seen.activeCheck, seen.check);
  assert.equal(seen.check.intervalMs, node.check.intervalMs);
});

test('nodeAsSeenBy looks at the active check on its own', () => {
  const node = firstNode();
  const seen = nodeAsSeenBy('p2', { ...node, activeCheck: { ...node.check, overrides: [own] } });
  assert.equal(seen.check, node.check);
  assert.deepEqual(seen.activeCheck.target, own.target);
});

test('a prober looks at what its override says, and votes on that', async () => {
  const override = 'overrides: { p2: { tcp: "b.example.com:80" } }, interval: 1s';
  await using world = await openProberWorld({ changes: [['interval: 1s', override]] });
  await world.clock.advance(3_000);
  assert.equal((await world.observation('a', 'p1'))?.verdict, 'up');
  assert.equal((await world.observation('a', 'p2'))?.verdict, 'down');
  const seen = world.looks.filter(({ prober }) => prober === 'p2').map(({ node }) => node);
  assert.deepEqual([...new Set(seen)], ['b']);
});
