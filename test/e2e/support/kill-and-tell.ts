// Kills the controller with SIGKILL at one boundary of an operation, and holds the end against that of an undisturbed one.
import assert from 'node:assert/strict';
import type { Cluster } from './cluster.ts';
import { type Boundary, hitBy, setFault, withdrawFault } from './fault-point.ts';
import { assertEnded, prepare, type Story, tell } from './stories.ts';
import { waitUntil } from './wait-until.ts';

/** False when the operation ended without coming to that point. */
export async function killAndTell(cluster: Cluster, story: Story, at: Boundary): Promise<boolean> {
  const moved = await prepare(cluster, story);
  const running = cluster.processes();
  setFault(cluster.directory, { id: JSON.stringify(at), at, signal: 'SIGKILL' });
  const ended = await tell(cluster, story, moved);
  // The end can be seen before the process that committed it comes to its fault, and every phase of the story ends.
  if (at.kind === 'phaseEnd')
    await waitUntil('the fault to hit somebody', () => hitBy(cluster.directory) !== null, cluster.patienceMs);
  const hit = withdrawFault(cluster.directory);
  // Whoever held the term when it was hit: on a busy machine that may be another one than when the story began.
  const victim = running.find(({ process }) => process.pid === hit);
  assert.equal(victim === undefined, hit === null, 'who was hit is one of the probers');
  if (victim !== undefined) await waitUntil('who was hit to be gone', () => !victim.process.isRunning());
  cluster.startDead();
  await assertEnded(cluster, story, { moved, ended, disturbed: victim?.prober ?? null });
  return victim !== undefined;
}
