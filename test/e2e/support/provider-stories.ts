// Our own stories of DNS as part of a move, with real probers and the record at a provider: what is written there, when, and
// what never is (DN-01 to DN-05, DN-08, DN-09).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalEntry } from '../../../src/failover/machine-effect.ts';
import { CLOSED_PORT, type NodeName, type ProberName } from './cluster-files.ts';
import { type CopyingServer, startCopyingServer } from './copying-server.ts';
import { assertEnded, prepare, STORIES, tell } from './stories.ts';
import { openStory, type StoryKind, type StoryPlace } from './story-place.ts';
import { waitUntil } from './wait-until.ts';
import { watchHeld } from './watch-held.ts';

const STORY = STORIES.CUTOVER;
const SEES_NODES_DOWN = { CHECK_PORT: String(CLOSED_PORT) };
const CUT_OFF = { ...SEES_NODES_DOWN, REFERENCE_PORT: String(CLOSED_PORT) };
/** Many times what a failover takes to begin here. */
const QUIET_MS = 3_000;

export function describeStories(kind: StoryKind): void {
  describe(`our own stories at ${kind}`, () => {
    let copy: CopyingServer;
    let place: StoryPlace;
    before(async () => {
      copy = await startCopyingServer('example.com');
      place = await openStory(kind, { copy, changes: [['dns:\n', 'dns:\n  patience: 5s\n']] });
    });
    after(async () => {
      await place[Symbol.asyncDispose]();
      await copy[Symbol.asyncDispose]();
    });

    test('one prober sees both nodes down: nothing is written (DN-08)', async () => {
      await place.cluster.restart('p3', SEES_NODES_DOWN);
      await untilVotes(place, { p1: 'up', p2: 'up', p3: 'down' });
      await assertNothingWritten(place);
    });

    test('two probers that are cut off abstain: nothing is written (DN-09)', async () => {
      await place.cluster.restart('p3', CUT_OFF);
      await place.cluster.restart('p2', CUT_OFF);
      await untilVotes(place, { p1: 'up', p2: 'abstains', p3: 'abstains' });
      await assertNothingWritten(place);
      await place.cluster.restart('p2');
      await place.cluster.restart('p3');
      await untilVotes(place, { p1: 'up', p2: 'up', p3: 'up' });
    });

    test('the active dies: the new address is written after it was verified, never before (DN-01)', async () => {
      const { cluster } = place;
      const watch = watchHeld(place);
      cluster.killInstance('a');
      await cluster.settled('b');
      const seen = await watch.stop();
      const { a, b } = cluster.network.nodes;
      const addresses = seen.map(({ address }) => address).filter((address, index, all) => address !== all[index - 1]);
      assert.deepEqual(addresses, [a, b]);
      const verified = endOf(await journalOf(place), 'VERIFY_NEW');
      assert.ok((seen.find(({ address }) => address === b)?.wallMs ?? 0) >= verified.wallMs);
    });

    test('a write whose answer is lost is looked up, and nothing is there twice (DN-02)', async () => {
      const { cluster, held, setFate } = place;
      const moved = await prepare(cluster, STORY);
      const begun = await held();
      setFate('loseAnswer');
      const told = tell(cluster, STORY, moved);
      await waitUntil('a write without an answer', async () => (await held()).seq > begun.seq);
      setFate('pass');
      const ended = await told;
      const now = await held();
      assert.equal(now.address, cluster.network.nodes[moved.to]);
      assert.ok(now.changes - begun.changes <= now.seq - begun.seq, JSON.stringify({ begun, now }));
      await assertEnded(cluster, STORY, { moved, ended, disturbed: 'p1' });
    });

    test('no write arrives after the start: the new active is kept, and the write is tried again (DN-03)', async () => {
      const { cluster, held, setFate } = place;
      const moved = await prepare(cluster, STORY);
      setFate('loseRequest');
      const told = tell(cluster, STORY, moved);
      await waitUntil('the new node to be active while its name is not written', async () => {
        const { active, tail } = await cluster.service();
        return active === moved.to && tail !== null && JSON.stringify(tail).includes('ONEUP_PROVIDER_');
      });
      assert.equal((await held()).address, cluster.network.nodes[moved.from]);
      setFate('pass');
      const ended = await told;
      assert.equal((await held()).address, cluster.network.nodes[moved.to]);
      await assertEnded(cluster, STORY, { moved, ended, disturbed: 'p1' });
    });

    test('one server of the zone stays on the old answer: waited for, named, degraded until it follows (DN-04)', async () => {
      const { cluster, held } = place;
      const moved = await prepare(cluster, STORY);
      copy.setBehind(true);
      const told = tell(cluster, STORY, moved);
      await waitUntil('the tail to wait', async () => (await cluster.service()).tail?.phase === 'PROPAGATE');
      assert.equal((await held()).address, cluster.network.nodes[moved.to]);
      const ended = await told;
      assert.match(ended.summary, new RegExp(`degraded: .*${copy.address}`));
      const { state, laggards, active } = await cluster.service();
      assert.deepEqual({ state, active }, { state: 'degraded', active: moved.to });
      assert.ok(laggards.join().includes(copy.address), laggards.join());
      copy.setBehind(false);
      await waitUntil('it to be well again', async () => (await cluster.service()).state === 'active');
    });
  });
}

export async function journalOf({ cluster }: StoryPlace): Promise<readonly JournalEntry[]> {
  return (await cluster.operation()).journal;
}

export function endOf(journal: readonly JournalEntry[], phase: string): JournalEntry {
  const found = journal.find(({ text }) => text.startsWith(`${phase} ended`));
  assert.ok(found !== undefined, `${phase} must have ended`);
  return found;
}

async function untilVotes(
  { cluster }: StoryPlace,
  votes: Readonly<Partial<Record<ProberName, string>>>,
): Promise<void> {
  const active: NodeName = 'a';
  await waitUntil(`the votes on ${active} to be ${JSON.stringify(votes)}`, async () => {
    const found = (await cluster.service('p1')).nodes.find(({ node }) => node === active)?.votes ?? [];
    assert.deepEqual(Object.fromEntries(found.map(({ prober, verdict }) => [prober, verdict])), votes);
    return true;
  });
}

/** No request that would change the zone arrives there, and no operation begins. */
async function assertNothingWritten(place: StoryPlace): Promise<void> {
  const { cluster, held, arrived } = place;
  const look = async () => ({
    held: await held(),
    arrived: arrived(),
    operations: (await cluster.history()).length,
    actions: cluster.actions(),
  });
  const begun = await look();
  await sleep(QUIET_MS);
  assert.deepEqual(await look(), begun);
  const { operation, active } = await cluster.service('p1');
  assert.deepEqual({ operation, active }, { operation: null, active: 'a' });
}
