// What check-config --connect says of real agents: who enforces their leases while they are connected, and that they are not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Connected } from '../../src/cli/connect/check-connect.ts';
import { AgentCluster, LEASE_MS } from './support/agents.ts';
import { waitUntil } from './support/wait-until.ts';

test('check-config --connect tells an agent that enforces its lease from one that is not there', async () => {
  await using made = await AgentCluster.running();
  // On a busy machine an agent may be about to come back to a prober.
  const connected = await waitUntil('both agents to be there', async () => {
    const found = await look(made);
    return agents(found, 'p1').every((line) => !line.includes('not connected')) ? found : null;
  });
  assert.deepEqual(agents(connected, 'p1'), [
    'a (web/a): ok connected, its lease is enforced by keeper',
    'b (web/b): ok connected, its lease is enforced by keeper',
  ]);
  const [, waitSeconds = ''] =
    /^lease wait of (\d+\.\d+)s \(enforced by keeper\)$/.exec(connected.ifCutOff[0]?.says ?? '') ?? [];
  // The lease, the margin, and what the clocks may differ by meanwhile.
  assert.ok(Number(waitSeconds) * 1_000 > LEASE_MS && Number(waitSeconds) * 1_000 < LEASE_MS + 1_000, waitSeconds);

  await made.kill('b');
  const without = await waitUntil('the agent of b to be gone', async () => {
    const found = await look(made);
    return agents(found, 'p1')[1]?.includes('not connected') ? found : null;
  });
  assert.equal(without.inOrder, false);
  assert.match(agents(without, 'p1')[1] ?? '', /^b \(web\/b\): wrong not connected to any prober/);
});

async function look({ cluster }: AgentCluster): Promise<Connected> {
  const { stdout, stderr } = await cluster.oneup('check-config', '--connect', '--json');
  assert.ok(stdout.startsWith('{'), stderr);
  return (JSON.parse(stdout) as { readonly connected: Connected }).connected;
}

function agents({ vantages }: Connected, prober: string): readonly string[] {
  const found = vantages.find((vantage) => vantage.prober === prober)?.findings ?? [];
  return found
    .filter(({ area }) => area === 'agent')
    .map(({ subject, outcome, says }) => `${subject}: ${outcome} ${says}`);
}
