// etcd gives every lease its whole time again when it elects another member. A session that leaned on such a lease would never
// end while members come and go; the sessions of oneup end by what their observers have seen (S5).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcdElectionEngine } from './election-engine.ts';
import { type Acting, withElection } from './election-world.ts';
import { askEtcd, type EtcdServers, startEtcd } from './servers/etcd-server.ts';

/** Quick elections, so that etcd works for a part of each second at least. */
const QUICK = ['--heartbeat-interval', '50', '--election-timeout', '500'];
const EVERY_MS = 1_000;
const AT_LEAST_MS = 6_000;
const AT_MOST_MS = 60_000;
/** A lease of this length would be renewed thrice before it ends. */
const TIMING = { sessionTtlMs: 3_000, callTimeoutMs: 600, stretchMax: 2 };

export function describeEtcdElections(): void {
  describe('elections while etcd loses its elected member every second', () => {
    let servers: EtcdServers | null = null;
    before(async () => {
      servers = await startEtcd({ members: 3, args: QUICK });
    });
    after(() => servers?.[Symbol.asyncDispose]());

    test('the session of a dead holder ends all the same, and another one acts while members still come and go', async () => {
      const etcd = servers ?? assert.fail('etcd did not start');
      await withElection(etcdElectionEngine(etcd), TIMING, async ({ actor, acts }) => {
        const first = await actor('the first controller');
        first.candidate.setStopped(true);
        const kills = await killElectedMembers(etcd, () => acts.some(({ id }) => id !== first.candidate.id));
        const next: Acting = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
        assert.ok(kills > 0 && next.tenure.term > first.tenure.term);
      });
    });
  });
}

/** Goes on until `isEnough`, and for some seconds at least; resolves with how many were killed. */
async function killElectedMembers(etcd: EtcdServers, isEnough: () => boolean): Promise<number> {
  const beganMs = performance.now();
  let kills = 0;
  for (;;) {
    const nextMs = performance.now() + EVERY_MS;
    if (await killElectedMember(etcd)) kills += 1;
    const passedMs = performance.now() - beganMs;
    if (isEnough() && passedMs > AT_LEAST_MS) return kills;
    if (passedMs > AT_MOST_MS) assert.fail(`nobody acts within ${AT_MOST_MS} ms and ${kills} kills`);
    await sleep(Math.max(50, nextMs - performance.now()));
  }
}

type Status = { readonly header: { readonly member_id: string }; readonly leader?: string };

/** False while etcd has elected nobody. */
async function killElectedMember({ endpoints, members }: EtcdServers): Promise<boolean> {
  for (const [at, endpoint] of endpoints.entries()) {
    const status = (await askEtcd(endpoint, '/v3/maintenance/status', {}).catch(() => null)) as Status | null;
    if (status === null || status.leader !== status.header.member_id) continue;
    await members[at]?.kill();
    await members[at]?.start();
    return true;
  }
  return false;
}
