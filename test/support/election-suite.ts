// Elections on one kind of real store: what is said of them on the memory store must hold where calls take time, get lost, and
// where the engine has locks, leases and sessions of its own that could be believed by mistake.
import { after, before, describe } from 'node:test';
import { describeEndsOfTerms } from './election-ends.ts';
import { type ElectionEngine, startElectionEngine } from './election-engine.ts';
import { describeFaultyCandidates } from './election-faults.ts';
import { describeServerOutages } from './election-outages.ts';
import type { EngineKind } from './servers/engines.ts';

/** To be called while a file of tests is read: the server runs as long as they do. */
export function describeElections(kind: EngineKind): void {
  describe(`elections on ${kind}`, () => {
    let started: ElectionEngine | null = null;
    before(async () => {
      started = await startElectionEngine(kind);
    });
    after(() => started?.[Symbol.asyncDispose]());
    const engine = () => {
      if (started === null) throw new TypeError(`Cannot hold elections: ${kind} did not start`);
      return started;
    };
    // Each story is a cluster of its own and waits most of the time.
    describe('candidates', { concurrency: 4 }, () => {
      describeEndsOfTerms(engine);
      describeFaultyCandidates(engine);
    });
    // These do something to the server that all clusters share.
    describe('servers', () => describeServerOutages(engine));
  });
}
