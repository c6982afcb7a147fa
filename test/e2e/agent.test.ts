// Services that agents run, on real processes: an agent that dies or stands still loses its service to the keeper before anybody
// else is started, and no fence device is asked (S14 to S16). Two instances at once would show in every test.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AgentCluster, LONG_LEASE, LONG_LEASE_MS } from './support/agents.ts';
import { waitUntil } from './support/wait-until.ts';

describe('agents', () => {
  test('start, stop, a death that the agent sees, and an agent that comes back', async (t) => {
    await using agents = await AgentCluster.running([LONG_LEASE]);
    const { cluster } = agents;

    await t.test('a switchover stops here and starts there', async () => {
      const { code, stdout, stderr } = await cluster.oneup('switchover', 'web', '--to', 'b', '--reason', 'test');
      assert.equal(code, 0, stdout + stderr);
      await cluster.settled('b');
      assert.equal(agents.instancePid('a'), null);
    });

    await t.test('an agent that is started again keeps what runs', async () => {
      const pid = agents.instancePid('b');
      const told = (await cluster.history()).length;
      await agents.kill('b');
      const before = agents.state('b').renewedBootMs ?? 0;
      agents.start('b');
      const isLater = () => (agents.state('b').renewedBootMs ?? 0) > before + LONG_LEASE_MS;
      await waitUntil('the new agent to renew when the old lease would have ended', isLater);
      assert.equal(agents.instancePid('b'), pid);
      await cluster.settled('b');
      assert.equal((await cluster.history()).length, told, 'nothing was done');
    });

    await t.test('a death is noticed by the agent, and the standby is started', async () => {
      const pid = agents.instancePid('b');
      assert.ok(pid !== null);
      process.kill(pid, 'SIGKILL');
      await cluster.settled('a');
      assert.match((await cluster.operation()).journal.map(({ text }) => text).join('\n'), /is proven down/);
    });
  });

  for (const [name, harm] of [
    ['stands still', 'SIGSTOP'],
    ['is killed', 'SIGKILL'],
  ] as const) {
    test(`an agent that ${name}: its keeper has ended the service before the standby starts`, async () => {
      await using agents = await AgentCluster.running();
      const { cluster } = agents;
      agents.signal('a', harm);
      await waitUntil('the keeper to end the service', () => agents.instancePid('a') === null);
      await cluster.settled('b');
      const { journal } = await cluster.operation();
      assert.match(journal.map(({ text }) => text).join('\n'), /its lease has run out: keeper ends the service/);
    });
  }

  test('a keeper that dies takes its service with it', async () => {
    await using agents = await AgentCluster.running();
    const { cluster } = agents;
    process.kill(agents.keeperPid('a'), 'SIGKILL');
    await waitUntil('the service to be gone', () => agents.instancePid('a') === null);
    await cluster.settled('b');
  });

  test('a wrong token lets nobody in, and the reason is in the log', async () => {
    await using agents = await AgentCluster.running();
    await agents.kill('b');
    agents.writeFile('b', `oneup_0123456789ab_${'A'.repeat(43)}`);
    agents.start('b');
    await waitUntil('the agent to be told', () => /ONEUP_AGENT_DENIED|token/.test(agents.log('b')));
    const { code, stdout } = await agents.cluster.oneup('switchover', 'web', '--to', 'b', '--reason', 'test');
    assert.notEqual(code, 0, stdout);
    await agents.cluster.settled('a');
  });
});
