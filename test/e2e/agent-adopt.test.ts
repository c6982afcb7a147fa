// A service that an agent runs is adopted while its lease is renewed all the time: whatever falls between the new grant and the order
// to adopt, the process that runs goes on running (S11).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentCluster, LONG_LEASE } from './support/agents.ts';

/** Each meets the renewals, one every two seconds, at another moment. */
const ADOPTIONS = 3;

test('an adoption of what an agent runs stops nothing', async () => {
  await using agents = await AgentCluster.running([LONG_LEASE]);
  const { cluster } = agents;
  const pid = agents.instancePid('a');
  assert.ok(pid !== null);
  for (let turn = 0; turn < ADOPTIONS; turn += 1) {
    const { epoch } = await cluster.service();
    // Leaving maintenance is an adoption of what runs (S35).
    for (const words of [
      ['on', 'web', '--reason', 'new disks'],
      ['off', 'web'],
    ]) {
      const { code, stdout, stderr } = await cluster.oneup('maintenance', ...words);
      assert.equal(code, 0, `${stdout}${stderr}`);
    }
    await cluster.settled('a');
    assert.ok((await cluster.service()).epoch > epoch, 'a new grant');
    assert.equal(agents.instancePid('a'), pid, 'the same process');
  }
  assert.doesNotMatch(agents.log('a'), /stopped by its agent/);
});
