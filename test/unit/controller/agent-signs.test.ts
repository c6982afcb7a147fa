// What agents say of their nodes when it speaks against a proof: an agent that runs or starts its service voids one that is older
// than its word, and a start stands only while no agent of another node has said anything new (S19).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentGuards, readAgentSigns } from '../../../src/controller/agent-signs.ts';
import { withLeases } from '../../sim/agent/lease-run.ts';
import { createBench } from './controller-bench.ts';

async function bench() {
  const { deps, config, keys, clock, store } = await createBench();
  const [service] = withLeases(config, { seed: 1, hasLadder: false, asksPeers: false }).services;
  assert.ok(service !== undefined);
  const says = async (node: string, value: string | object) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const write = { kind: 'put', key: keys.agent('web', node), value: text } as const;
    const result = await store.commit({ guards: [], writes: [write], token: crypto.randomUUID() });
    await clock.advance(50);
    return result.kind === 'committed' ? result.revision : 0;
  };
  return { place: { keys, view: deps.view }, service, says };
}

test('active, starting, running and unreadable are signs; stopped is none', async () => {
  const { place, service, says } = await bench();
  assert.deepEqual(readAgentSigns(place, service), {});
  for (const word of [{ role: 'active' }, { role: 'starting' }, { role: 'stopped', running: true }, '{', 'null']) {
    const revision = await says('a', word);
    assert.deepEqual(readAgentSigns(place, service), { a: { agent: 'a', revision } }, JSON.stringify(word));
  }
  await says('a', { role: 'stopped', running: false });
  assert.deepEqual(readAgentSigns(place, service), {});
});

test('a node without an agent gives no sign, whatever is recorded', async () => {
  const { place, service, says } = await bench();
  await says('a', { role: 'active' });
  const nodes = service.nodes.map((node) => ({ ...node, agent: null }));
  assert.deepEqual(readAgentSigns(place, { ...service, nodes }), {});
  assert.deepEqual(agentGuards(place, { ...service, nodes }, 99, null), []);
});

test('a start is bound to what the agents of the others had said when it was decided', async () => {
  const { place, service, says } = await bench();
  const revision = await says('a', { role: 'stopped', running: false });
  const key = place.keys.agent('web', 'a');
  assert.deepEqual(agentGuards(place, service, revision, 'b'), [{ kind: 'version', key, version: revision }]);
  // What came later than the look that was decided from must not be there.
  assert.deepEqual(agentGuards(place, service, revision - 1, 'b'), [{ kind: 'absent', key }]);
  const other = place.keys.agent('web', 'b');
  assert.deepEqual(agentGuards(place, service, revision, 'a'), [{ kind: 'absent', key: other }]);
});
