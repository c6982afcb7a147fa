// A client that got no answer asks the next prober. Whatever became of the first attempt, the command is done once, and each
// attempt is told what came of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createApiClient } from '../../../src/cli/api-client.ts';
import type { CommandReply } from '../../../src/failover/machine-command.ts';
import type { Cluster } from './cluster.ts';
import { PROBERS, type ProberName, SERVICE } from './cluster-files.ts';
import { waitUntil } from './wait-until.ts';

export async function doneOnce(cluster: Cluster): Promise<void> {
  const { active } = await cluster.service();
  assert.ok(active !== null, 'somebody is active');
  const command = { kind: 'switchover', from: active, to: null, reason: 'asked many times' } as const;
  const before = (await cluster.history()).length;
  const ask = (prober: ProberName): Promise<CommandReply> => {
    const client = createApiClient([cluster.path('var', prober, 'api.sock')], () => key);
    return client.post(`/v1/services/${SERVICE}/commands`, { actor: 'test', command });
  };
  let key = '';
  const replies = await waitUntil('votes on the target', async () => {
    key = randomUUID();
    const told = await Promise.all(PROBERS.map(ask));
    // A prober that was late for a moment had no vote when the command came: then a person asks anew.
    return told.every((one) => one.kind === 'refused' && one.refusal.rule === 'S24.quorum-pending') ? null : told;
  });
  const [reply] = replies;
  assert.equal(reply?.kind, 'accepted', JSON.stringify(reply));
  assert.deepEqual(replies, [reply, reply, reply]);
  const controller = await waitUntil('a controller', () => cluster.controller());
  await waitUntil('the move to end', async () => {
    const { active: now, operation, tail } = await cluster.service();
    return operation === null && tail === null && now !== active;
  });
  await cluster.restart(controller, {}, 'SIGKILL');
  await cluster.ready();
  for (const prober of PROBERS) {
    const told = await waitUntil(`${prober} to answer`, () => ask(prober));
    assert.deepEqual(told, reply, `${prober} tells what came of it`);
  }
  assert.equal((await cluster.history()).length, before + 1, 'one operation');
}
