// A cluster whose record lives at a real server of dynamic updates, which holds the answer of whoever wrote last: the update of a stale controller
// and a request that comes late are refused by the server itself (S26, S27).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProberName } from './cluster-files.ts';
import { type Boundary, hitBy, setFault } from './fault-point.ts';
import { standStill } from './stand-still.ts';
import { assertEnded, prepare, STORIES, tell } from './stories.ts';
import { assertNames, runAt, type UPDATE_SERVERS, type UpdateCluster } from './update-cluster.ts';
import { waitUntil } from './wait-until.ts';

const NXRRSET = 8;
/** Far longer than anything that a controller with a passed deadline could still be doing. */
const REST_MS = 500;
const STORY = STORIES.CUTOVER;

export function describeLateUpdates(server: keyof typeof UPDATE_SERVERS): void {
  describe(`a record at ${server}`, () => {
    let place: UpdateCluster;
    before(async () => {
      place = await runAt(server);
    });
    after(() => place[Symbol.asyncDispose]());

    /** What the old controller must see when it goes on: that its term has ended. */
    async function wake(pid: number, log: () => string): Promise<void> {
      const ended = count(log());
      process.kill(pid, 'SIGCONT');
      await waitUntil('the old controller to see that its term has ended', () => count(log()) > ended);
      await place.cluster.ready();
      await sleep(REST_MS);
    }

    test('the update of a controller that was stopped past its lease is refused when it comes', async () => {
      const { cluster, relay, zone } = place;
      const moved = await prepare(cluster, STORY);
      const gate = Promise.withResolvers<void>();
      const writers: ProberName[] = [];
      const late = relay.setBeforeWrite(async () => {
        // Whoever holds the term now: on a busy machine that may be another one than when the story began.
        const stopped = await waitUntil('the controller that writes', () => cluster.controller());
        await standStill(cluster, cluster.prober(stopped));
        writers.push(stopped);
        await gate.promise;
      });
      const ended = await tell(cluster, STORY, moved);
      const stopped = await waitUntil('the writer to stand still', () => writers[0] ?? null);
      const old = cluster.prober(stopped);
      await waitUntil('another controller', async () => ![null, stopped].includes(await cluster.controller()));
      assert.ok(old.isStopped(), 'it stands still, and its update is on the way');
      const held = await zone();
      gate.resolve();
      assert.equal(await late.outcome, NXRRSET);
      await wake(old.pid, old.log);
      assert.deepEqual(await zone(), held);
      assertNames(held, cluster.network.nodes[moved.to]);
      await assertEnded(cluster, STORY, { moved, ended, disturbed: stopped });
    });

    test('a controller that was stopped before its update, past its lease, sends none that changes anything', async () => {
      const { cluster, zone } = place;
      const moved = await prepare(cluster, STORY);
      const at: Boundary = { kind: 'effect', phase: 'CUTOVER', when: 'before' };
      const fault = { id: 'stopped before its update', at, signal: 'SIGSTOP' } as const;
      setFault(cluster.directory, fault);
      const ended = await tell(cluster, STORY, moved);
      const hit = hitBy(cluster.directory);
      const found = cluster.processes().find(({ process }) => process.pid === hit);
      assert.ok(found !== undefined, 'who was hit is one of the probers');
      const { prober: stopped, process: old } = found;
      assert.ok(old.isStopped());
      const held = await zone();
      await wake(old.pid, old.log);
      assert.deepEqual(await zone(), held);
      assertNames(held, cluster.network.nodes[moved.to]);
      await assertEnded(cluster, STORY, { moved, ended, disturbed: stopped });
    });

    test('an update that was held back in the network and comes after the way back is refused', async () => {
      const { cluster, relay, zone } = place;
      relay.setFate('hold');
      const first = await prepare(cluster, STORY);
      const there = tell(cluster, STORY, first);
      await waitUntil('an update to be held back', () => relay.held() > 0);
      relay.setFate('pass');
      assert.equal((await there).outcome, 'done');
      await cluster.settled(first.to);
      const back = await prepare(cluster, STORY);
      assert.equal((await tell(cluster, STORY, back)).outcome, 'done');
      await cluster.settled(first.from);
      const held = await zone();
      assertNames(held, cluster.network.nodes[first.from]);
      for (const rcode of await relay.release()) assert.equal(rcode, NXRRSET);
      assert.deepEqual(await zone(), held);
    });

    test('a write whose answer is lost is settled by the next one, above it (DN-02)', async () => {
      const { cluster, relay, zone } = place;
      const moved = await prepare(cluster, STORY);
      const controller = await cluster.controller();
      assert.ok(controller !== null);
      const begun = await zone();
      relay.setFate('loseAnswer');
      const told = tell(cluster, STORY, moved);
      await waitUntil('a write without an answer', async () => (await zone()).seq > begun.seq);
      relay.setFate('pass');
      const ended = await told;
      assertNames(await zone(), cluster.network.nodes[moved.to]);
      await assertEnded(cluster, STORY, { moved, ended, disturbed: controller });
    });

    test('a server that is silent holds up no move: the new node is kept, and its name follows (DN-03)', async () => {
      const { cluster, server, zone } = place;
      const moved = await prepare(cluster, STORY);
      const controller = await cluster.controller();
      assert.ok(controller !== null);
      server.setStopped(true);
      const told = tell(cluster, STORY, moved);
      try {
        await waitUntil('the new node to be active while its name is not written', async () => {
          const { active, tail } = await cluster.service();
          return active === moved.to && tail !== null && JSON.stringify(tail).includes('ONEUP_PROVIDER_UNREACHABLE');
        });
      } finally {
        server.setStopped(false);
      }
      const ended = await told;
      assertNames(await zone(), cluster.network.nodes[moved.to]);
      await assertEnded(cluster, STORY, { moved, ended, disturbed: controller });
    });
  });
}

function count(log: string): number {
  return log.split('"the term ends"').length - 1;
}
