// The controller is stopped with SIGSTOP in every phase, past its lease, and goes on when another one has finished the work:
// it does nothing more. What the store, the scripts and the name servers show is the new controller's work only (S8, S9, I8).
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalEntry } from '../../src/failover/machine-effect.ts';
import type { Phase } from '../../src/failover/operation.ts';
import { PHASES } from '../../src/failover/phase-table.ts';
import { Cluster } from './support/cluster.ts';
import { type Change, type ProberName, SERVICE } from './support/cluster-files.ts';
import { type Boundary, setFault, withdrawFault } from './support/fault-point.ts';
import { assertEnded, prepare, STORIES, tell } from './support/stories.ts';
import { waitUntil } from './support/wait-until.ts';

type WorkingPhase = Exclude<Phase, 'DONE'>;

/** TTL_LOWER is passed only where there is a longer TTL to wait for, and has a cluster of its own. */
const TABLE = (Object.keys(PHASES) as WorkingPhase[]).filter((phase) => phase !== 'TTL_LOWER');
const TRIES_MAX = 3;
/** Far longer than anything that a controller with a passed deadline could still be doing. */
const REST_MS = 500;
/**
 * The stopped process is a silent name server, which must be waited for (S31): let that be short. One of the others that is late for
 * half a second must not be away when its vote is needed.
 */
const SHORT_WAIT: readonly Change[] = [
  ['lostAfter: 1500ms, staleAfter: 2500ms', 'lostAfter: 500ms, staleAfter: 1s'],
  ['sessionTtl: 3s', 'sessionTtl: 2s'],
];
const LONG_TTL: readonly Change[] = [...SHORT_WAIT, ['ttl: { steady: 1s,', 'ttl: { steady: 2s,']];

describe('a controller that was stopped past its lease does nothing more', { concurrency: 2 }, () => {
  test('in the first half of the phases', (t) => stopInEach(t, TABLE.slice(0, TABLE.length / 2)));

  test('in the second half of the phases', (t) => stopInEach(t, TABLE.slice(TABLE.length / 2)));

  test('while the old TTL is waited out', (t) => stopInEach(t, ['TTL_LOWER'], LONG_TTL));
});

async function stopInEach(t: TestContext, phases: readonly WorkingPhase[], changes = SHORT_WAIT): Promise<void> {
  await using cluster = await Cluster.running({ hasFaultPoints: true, changes });
  let isSound = true;
  for (const phase of phases) {
    if (!isSound) break;
    isSound = false;
    await t.test(phase, async () => {
      let tries = 1;
      while (!(await stopIn(cluster, phase))) {
        assert.ok(tries < TRIES_MAX, `nobody was stopped in ${phase}`);
        tries += 1;
      }
      isSound = true;
    });
  }
}

/** Between INTENT and effect where the phase has one; right after its end where it has none. */
function boundaryOf(phase: WorkingPhase): Boundary {
  return PHASES[phase].effect === 'none' ? { kind: 'phaseEnd', phase } : { kind: 'effect', phase, when: 'before' };
}

async function stopIn(cluster: Cluster, phase: WorkingPhase): Promise<boolean> {
  const story = STORIES[phase];
  const moved = await prepare(cluster, story);
  const fault = { id: phase, at: boundaryOf(phase), signal: 'SIGSTOP' } as const;
  setFault(cluster.directory, fault);
  const ended = await tell(cluster, story, moved);
  const hit = withdrawFault(cluster.directory);
  if (hit === null) return false;
  const found = cluster.processes().find(({ process }) => process.pid === hit);
  assert.ok(found !== undefined, 'who was hit is one of the probers');
  const { prober: stopped, process: prober } = found;
  await waitUntil('it to stand still', () => prober.isStopped());
  const successor = await waitUntil('another controller', async () => {
    const now = await cluster.controller();
    if (now === null || now === stopped) return null;
    // What the witness of the story has seen may not have come to this prober yet.
    const { operation, tail } = await cluster.service(now);
    const isTold = (await cluster.history(now)).some(({ op }) => op.opId === ended.op.opId);
    return operation === null && tail === null && isTold ? now : null;
  });
  const before = await work(cluster, successor, ended.op.opId);
  const termsEnded = count(prober.log());
  process.kill(prober.pid, 'SIGCONT');
  await waitUntil('the old controller to see that its term has ended', () => count(prober.log()) > termsEnded);
  await cluster.ready();
  await sleep(REST_MS);
  assert.deepEqual(await work(cluster, successor, ended.op.opId), before);
  await assertEnded(cluster, story, { moved, ended, disturbed: stopped });
  return true;
}

/** All that anybody did for this operation, as the new controller's prober shows it. */
async function work(cluster: Cluster, prober: ProberName, opId: string): Promise<object> {
  const api = cluster.api(prober);
  const { journal } = await api.get<{ journal: readonly JournalEntry[] }>(`/v1/services/${SERVICE}/operations/${opId}`);
  const { epoch, active, record, nodes } = await cluster.service(prober);
  const breadcrumbs = nodes.map((node) => node.breadcrumb);
  return { journal, actions: cluster.actions(), epoch, active, record, breadcrumbs };
}

function count(log: string): number {
  return log.split('"the term ends"').length - 1;
}
