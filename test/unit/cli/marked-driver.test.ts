// What is done to a node is done after the mark, and questions need none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMarkedDriver } from '../../../src/cli/marked-driver.ts';
import type { ActionContext, NodeDriver } from '../../../src/ports/node-driver.ts';

test('a mark is written before each effect, and before no question (S4)', async () => {
  const calls: string[] = [];
  const names = ['act', 'adopt', 'fence', 'precheck', 'status', 'fenceStatus'] as const;
  const driver = Object.fromEntries(
    names.map((name) => [name, async () => void calls.push(name)]),
  ) as unknown as NodeDriver;
  const marked = createMarkedDriver(driver, async ({ epoch }) => {
    await Promise.resolve();
    calls.push(`mark ${epoch}`);
  });
  const context = { service: 'web', epoch: 7 } as ActionContext;
  const signal = new AbortController().signal;
  await marked.act('start', context, { timeoutMs: 1, signal });
  await marked.adopt(context, { signal });
  await marked.fence(context, { level: 1, signal });
  await marked.precheck(context, { timeoutMs: 1, signal });
  await marked.status(context, { signal });
  await marked.fenceStatus(context, { level: 1, signal });
  const effects = ['act', 'adopt', 'fence'].flatMap((name) => ['mark 7', name]);
  assert.deepEqual(calls, [...effects, 'precheck', 'status', 'fenceStatus']);
});
