// Plays one scenario in a world of its own and judges what it left behind: one line for people, and a failure for anything that
// should not have been.
import assert from 'node:assert/strict';
import { type CheckOptions, checkHistory, type Verdict, type Violation } from './check-history.ts';
import { NODES } from './hosts.ts';
import { NetWorld, type NetWorldOptions } from './net-world.ts';
import { readRecords } from './read-records.ts';

export type Scenario = {
  readonly name: string;
  readonly play: (world: NetWorld) => Promise<void>;
  readonly options?: NetWorldOptions & CheckOptions;
};

export async function playScenario({ name, play, options = {} }: Scenario): Promise<string> {
  await using world = await NetWorld.running(options);
  await play(world);
  const verdict = await judge(world, options);
  const line = `${name}: ${formatVerdict(verdict)}`;
  assert.deepEqual(verdict.violations, [], line);
  return line;
}

/** The world is healed and at rest before it is judged: an operation that never ends is a violation too (I15). */
export async function judge(world: NetWorld, options: CheckOptions = {}): Promise<Verdict> {
  world.network.heal();
  await world.atRest();
  return judgeNow(world, options);
}

/** What has happened so far, whatever is still under way. */
export function judgeNow(world: NetWorld, options: CheckOptions = {}): Verdict {
  const records = readRecords(world.directory, world.dump());
  // A world without records would pass every check.
  assert.ok(records.lives.length > 0 && records.takes.length > 0, 'somebody was active, and the witness saw it');
  const verdict = checkHistory(records, options);
  return { ...verdict, violations: [...verdict.violations, ...selfEnded(world)] };
}

export function formatVerdict({ operations, starts, overlaps, effectsByMinority }: Verdict): string {
  const counts = NODES.map((node) => `${node}=${starts[node]}`).join(' ');
  return `operations ${operations}, starts ${counts}, overlaps ${overlaps}, effects by a minority ${effectsByMinority}`;
}

/** I15: a prober that gives up stops looking without a word to anybody. */
function selfEnded(world: NetWorld): readonly Violation[] {
  return world.endedByThemselves.map((text) => ({ invariant: 'I15', text }));
}
