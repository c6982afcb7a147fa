// What status tells of the agent of a node: a record that is not there, or cannot be read, is an agent that is not connected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAgent } from '../../../src/controller/read-agent.ts';
import { withLeases } from '../../sim/agent/lease-run.ts';
import { createBench } from './controller-bench.ts';

async function bench() {
  const { deps, config, keys, clock, store } = await createBench();
  const [service] = withLeases(config, { seed: 1, hasLadder: false, asksPeers: false }).services;
  const node = service?.nodes[0];
  assert.ok(service !== undefined && node !== undefined);
  const read = () => readAgent({ keys, view: deps.view }, service, node);
  const write = async (value: string | null) => {
    const key = keys.agent('web', node.id);
    const write = value === null ? ({ kind: 'delete', key } as const) : ({ kind: 'put', key, value } as const);
    await store.commit({ guards: [], writes: [write], token: crypto.randomUUID() });
    await clock.advance(50);
  };
  return { deps, keys, service, node, read, write };
}

test('says what the agent says, and no more than that it is away once its record is gone', async () => {
  const { read, write, node } = await bench();
  const away = {
    name: node.agent?.name,
    isConnected: false,
    role: null,
    enforced: null,
    exited: null,
    unfit: null,
    jobs: null,
  };
  assert.deepEqual(read(), away);
  const unfit = { reason: 'web.service is masked', remedy: 'systemctl unmask web.service' };
  await write(JSON.stringify({ role: 'stopped', enforced: 'keeper', exited: 'it ended by itself, SIGKILL', unfit }));
  assert.deepEqual(read(), {
    ...{ name: node.agent?.name, isConnected: true, role: 'stopped', enforced: 'keeper' },
    ...{ exited: 'it ended by itself, SIGKILL', unfit, jobs: null },
  });
  await write(null);
  assert.deepEqual(read(), away);
});

test('a damaged record is no agent', async () => {
  const { read, write } = await bench();
  for (const text of ['{', 'null', '7', '"active"']) {
    await write(text);
    assert.equal(read()?.isConnected, false, text);
  }
});

test('a node without an agent has none to tell of', async () => {
  const { deps, keys, service, node } = await bench();
  assert.equal(readAgent({ keys, view: deps.view }, service, { ...node, agent: null }), null);
});
