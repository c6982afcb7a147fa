// Steps that travel to an agent: what is written for it, which report is an answer, and that an agent which is not there is no
// answer at all (S8, S12, S17).
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAgentCarrier } from '../../../../src/nodes/agent/agent-carrier.ts';
import { readAgentReport } from '../../../../src/nodes/agent/agent-report.ts';
import type { AgentOrder, AgentReport } from '../../../../src/ports/agent-link.ts';
import type { ActionContext, ActionResult } from '../../../../src/ports/node-driver.ts';
import { createBench } from '../../controller/controller-bench.ts';

const CONTEXT: ActionContext = {
  ...{ cluster: 'sim', service: 'web', node: 'a', generation: 1, epoch: 4, step: 10, opId: 'op1', from: 'b', to: 'a' },
};
const ACTION = { driver: 'agent', timeoutMs: 5_000 } as const;
const DONE: ActionResult = {
  ...{ kind: 'done', reason: 'process 7', repeated: false },
  evidence: { exitCode: null, signal: null, output: '', durationMs: 0 },
};
const REPORT: AgentReport = {
  ...{ service: 'web', node: 'a', agentRun: 'r1', generation: 1, epoch: 4, step: 9, role: 'stopped', running: false },
  ...{ lastResult: null, exited: null, enforced: 'keeper' },
};

async function bench() {
  const { keys, clock, store, deps } = await createBench();
  let isHolding = true;
  let ids = 0;
  const term = keys.term;
  const put = async (key: string, value: string) => {
    await store.commit({ guards: [], writes: [{ kind: 'put', key, value }], token: crypto.randomUUID() });
    await clock.advance(50);
  };
  await put(term, '1');
  const version = (await store.get(term))?.version ?? 0;
  const carrier = createAgentCarrier({
    ...{ store, view: deps.view, keys, clock, contactTimeoutMs: () => 1_000 },
    uniqueId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    guards: () => [{ kind: 'version', key: term, version: isHolding ? version : version + 100 }],
  });
  const act = (action: 'start' | 'stop', signal = new AbortController().signal) => {
    let result: ActionResult | null = null;
    void carrier.act(ACTION, { context: CONTEXT, action, timeoutMs: 5_000, signal } as never).then((ended) => {
      result = ended;
    });
    return () => result as ActionResult | null;
  };
  return {
    ...{ keys, clock, store, carrier, act, view: deps.view },
    says: (report: Partial<AgentReport> | string) =>
      put(keys.agent('web', 'a'), typeof report === 'string' ? report : JSON.stringify({ ...REPORT, ...report })),
    goes: async () => {
      const key = keys.agent('web', 'a');
      await store.commit({ guards: [], writes: [{ kind: 'delete', key }], token: crypto.randomUUID() });
      await clock.advance(50);
    },
    loses: () => {
      isHolding = false;
    },
    order: async () => JSON.parse((await store.get(keys.goal('web', 'a')))?.value ?? 'null') as AgentOrder | null,
  };
}

describe('an order', () => {
  test('is written under the term, and the report of its step is the answer', async () => {
    const { act, says, clock, order } = await bench();
    await says({});
    const result = act('start');
    await clock.advance(500);
    assert.equal(result(), null);
    assert.deepEqual((await order())?.context, CONTEXT);
    assert.equal((await order())?.env.ONEUP_EPOCH, '4');
    await says({ step: 10, role: 'active', running: true, lastResult: DONE });
    await clock.advance(500);
    assert.deepEqual(result(), DONE);
  });

  test('of a controller whose term has ended is not written (S8)', async () => {
    const { act, clock, order, loses, says } = await bench();
    await says({});
    loses();
    const result = act('start');
    await clock.advance(500);
    assert.equal(result()?.kind, 'killed');
    assert.equal(await order(), null);
  });

  test('is waited for no longer than the right to act', async () => {
    const { act, clock, says } = await bench();
    await says({});
    const end = new AbortController();
    const result = act('start', end.signal);
    await clock.advance(500);
    end.abort(new Error('over'));
    await clock.advance(500);
    assert.equal(result()?.kind, 'killed');
  });

  test('fails when no agent is connected, and times out when one does not answer', async () => {
    const { act, clock, says } = await bench();
    const alone = act('stop');
    await clock.advance(900);
    assert.equal(alone(), null);
    await clock.advance(600);
    assert.deepEqual([alone()?.kind, alone()?.reason], ['failed', 'no agent of a is connected']);
    await says({});
    const silent = act('stop');
    await clock.advance(6_500);
    assert.equal(silent(), null);
    await clock.advance(1_500);
    assert.equal(silent()?.kind, 'timeout');
  });

  test('a report that vanishes is an agent that is not connected, never a service that is not there', async () => {
    const { act, clock, says, goes, carrier, view, keys } = await bench();
    await says({ step: 9, role: 'active', running: true });
    const result = act('stop');
    await clock.advance(500);
    await goes();
    await clock.advance(2_000);
    assert.equal(result()?.kind, 'failed');
    assert.equal(readAgentReport({ view, keys }, 'web', 'a'), null);
    const limits = { context: CONTEXT, timeoutMs: 1_000, signal: new AbortController().signal } as never;
    const recalled = await carrier.recall(ACTION, limits);
    assert.deepEqual([recalled?.role, recalled?.running], ['unknown', null]);
    const answer = await carrier.query(ACTION, { ...(limits as object), action: 'precheck' } as never);
    assert.equal(answer.kind, 'failed');
  });
});

describe('no answer is', () => {
  for (const [name, report] of [
    ['the result of a lower step', { step: 9, lastResult: DONE }],
    ['of another generation', { generation: 0, step: 10, lastResult: DONE }],
    ['of a higher epoch', { epoch: 5, step: 10, lastResult: DONE }],
    ['a stop that is done while something runs (S17)', { step: 10, running: true, lastResult: DONE }],
    ['a step that has not ended', { step: 10 }],
    ['what cannot be read', '{'],
    ['what is no report', '{"step":10,"lastResult":{"kind":"done"}}'],
  ] as const)
    test(name, async () => {
      const { act, clock, says } = await bench();
      await says(report);
      const result = act('stop');
      await clock.advance(800);
      assert.equal(result(), null);
    });

  test('a higher step: this one is refused (S12)', async () => {
    const { act, clock, says } = await bench();
    await says({ step: 11, lastResult: DONE });
    const result = act('stop');
    await clock.advance(500);
    assert.equal(result()?.kind, 'refused');
  });
});

test('a node whose agent says that it runs could not start; one that is stopped could', async () => {
  const { carrier, says } = await bench();
  const query = () =>
    carrier.query(ACTION, {
      ...{ context: CONTEXT, action: 'precheck', timeoutMs: 1_000, signal: new AbortController().signal },
    } as never);
  await says({ role: 'active', running: true });
  assert.equal((await query()).kind, 'failed');
  await says({ unfit: { reason: 'web.service is enabled', remedy: 'systemctl disable web.service' } });
  const unfit = await query();
  assert.match(unfit.kind === 'failed' ? unfit.reason : '', /is enabled; systemctl disable web\.service/);
  await says({});
  assert.equal((await query()).kind, 'said');
});
