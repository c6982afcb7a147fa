// Candidates that fail: their link is silent for a while or for too long, an answer gets lost at the worst moment, or the whole
// process stands still past its deadline.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Candidate } from './election-candidate.ts';
import type { ElectionEngine } from './election-engine.ts';
import { type Acting, type Election, LONG, SHORT, withElection } from './election-world.ts';

/** The clock that counts suspension is read in steps of ten milliseconds. */
const GRAIN_MS = 20;
/** Two calls of somebody whose link is silent are given up in this time. */
const NOTICED_MS = 4_000;

export function describeFaultyCandidates(engine: () => ElectionEngine): void {
  test('a link that is silent for a third of the ttl: the term is kept and the session goes on', async () => {
    await withElection(engine(), LONG, async ({ actor, acts, until }) => {
      const { candidate, tenure } = await actor('the first controller');
      candidate.setLinks('silent');
      await sleep(LONG.sessionTtlMs / 3);
      candidate.setLinks('none');
      const deadlineMs = tenure.session.mayActUntilBootMs();
      await until('a renewal', () => tenure.session.mayActUntilBootMs() > deadlineMs);
      assert.deepEqual([tenure.mayAct(), acts.length], [true, 1]);
    });
  });

  test('a link that is silent for longer: nobody acts between the deadline and the next term, and the old term stays over', async () => {
    await withElection(engine(), SHORT, async (election) => {
      const first = await election.actor('the first controller');
      const silentAtMs = performance.now();
      first.candidate.setLinks('silent');
      await successorOf(first, election);
      const act = election.acts.find(({ term }) => term === first.tenure.term) ?? assert.fail('it did not act');
      assert.ok(act.toMs <= silentAtMs + first.tenure.session.ttlMs + GRAIN_MS, 'it acted past its deadline');
      first.candidate.setLinks('none');
      await returnsWithoutOldTerm(first, election);
    });
  });

  test('a candidate that stands still past its deadline may do nothing when it goes on, and stands again with a new session (S8)', async () => {
    await withElection(engine(), SHORT, async (election) => {
      const first = await election.actor('the first controller');
      first.candidate.setStopped(true);
      await successorOf(first, election);
      assert.equal(first.tenure.signal.aborted, false, 'nothing has told it yet');
      assert.equal(first.tenure.mayAct(), false, 'its own clock tells it (S3)');
      first.candidate.setStopped(false);
      assert.equal(first.tenure.mayAct(), false);
      await returnsWithoutOldTerm(first, election);
    });
  });

  test('somebody who is not in charge loses the store for a while: it joins again and nothing else happens', async () => {
    await withElection(engine(), { ...LONG, callTimeoutMs: NOTICED_MS / 2, candidates: 2 }, async (election) => {
      const first = await election.actor('the first controller');
      const second = other(election, first);
      second.setLinks('silent');
      await sleep(NOTICED_MS);
      second.setLinks('none');
      assert.deepEqual([first.tenure.mayAct(), election.acts.length], [true, 1]);
      first.candidate.shutDown({ isAtRest: true });
      const next = await successorOf(first, election);
      assert.equal(next.tenure.term, 2);
    });
  });

  test('the place falls vacant while the link of the other candidate is silent: noticed when it is back (S6)', async () => {
    await withElection(engine(), { ...LONG, callTimeoutMs: NOTICED_MS / 2, candidates: 2 }, async (election) => {
      const first = await election.actor('the first controller');
      const second = other(election, first);
      second.setLinks('silent');
      first.candidate.shutDown({ isAtRest: true });
      await election.until('nobody is in charge', async () => (await election.sessions()).length === 0);
      second.setLinks('none');
      await successorOf(first, election);
    });
  });

  test('the answers to commits that take a term are lost: nobody acts in a term twice, and there is a controller in the end', async () => {
    await withElection(engine(), SHORT, async ({ actor, candidates, sessions, until }) => {
      const first = await actor('the first controller');
      for (const candidate of candidates) candidate.loseAnswers(2);
      first.candidate.shutDown({ isAtRest: true });
      const next = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
      assert.ok(next.tenure.term > first.tenure.term);
      assert.ok(candidates.some(({ answersLost }) => answersLost() > 0));
      await until('campaigns that failed left no session behind', async () => (await sessions()).length <= 1);
    });
  });
}

function other({ candidates }: Election, { candidate }: Acting): Candidate {
  return candidates.find((one) => one !== candidate) ?? assert.fail('there is one');
}

async function successorOf(first: Acting, { actor }: Election): Promise<Acting> {
  const next = await actor('its successor', ({ candidate }) => candidate !== first.candidate);
  assert.ok(next.tenure.term > first.tenure.term);
  return next;
}

/** The others go, so that it has to be elected again. */
async function returnsWithoutOldTerm({ candidate, tenure }: Acting, { actor, candidates, until }: Election) {
  await until('the old term is over for its holder too', () => tenure.signal.aborted);
  assert.equal(tenure.mayAct(), false);
  for (const other of candidates) if (other !== candidate) other.shutDown({ isAtRest: true });
  const again = await actor('the first one again', (acting) => acting.candidate === candidate);
  assert.ok(again.tenure.term > tenure.term);
  assert.notEqual(again.tenure.session.id, tenure.session.id);
  assert.equal(tenure.mayAct(), false);
}
