// One run of the simulation: harm for half a minute of virtual time, then peace, and a look at what is left. The seed is all
// that it needs, so a run that fails can be played again.
import { HARM_UNTIL_MS, scheduleFaults } from './faults.ts';
import type { Violation } from './history.ts';
import type { Mutation } from './mutation.ts';
import { addressOf } from './sim-config.ts';
import { SimWorld } from './sim-world.ts';

export type RunResult = {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly log: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
};

/** Peace after the harm: two terms of waiting, and every operation under way to its end. */
const PEACE_MS = 45_000;

export async function runSeed(seed: number, mutation: Mutation | null = null): Promise<RunResult> {
  const world = new SimWorld(seed, mutation);
  const { history, time } = world;
  await world.start();
  world.wire.timer(1_500, () => world.command({ kind: 'switchover', from: null, to: 'a', reason: 'sim' }));
  scheduleFaults(world);
  await time.runUntil(HARM_UNTIL_MS + PEACE_MS);
  const unrest = await findUnrest(world);
  const found = unrest === null ? [] : [{ invariant: 'I6', text: unrest }];
  return { seed, violations: [...history.violations, ...found], log: history.log, counts: history.counts };
}

/** I6, I15: an operation has ended or says what it waits for; DNS names the active. */
async function findUnrest(world: SimWorld): Promise<string | null> {
  const [op, tail, service] = await Promise.all([world.operation(), world.tail(), world.service()]);
  // Between two rounds against a device that lies the operation waits for the probers, and says so.
  const isLiedTo = op?.phase === 'CONFIRM_DOWN' && world.nodes.some((node) => node.fenceLies && node.isAlive);
  if (op !== null && op.blocked === null && !isLiedTo)
    return `${op.kind} ${op.opId} still in ${op.phase} and does not say why`;
  if (tail !== null && tail.blocked === null) return `tail of ${tail.opId} still in ${tail.phase} and does not say why`;
  if (service === null) return 'no record of the service';
  const { active, dnsProblem, maintenance } = service;
  if (active === null || dnsProblem !== null || maintenance !== null || tail !== null) return null;
  return world.dns.addresses.includes(addressOf(active)) ? null : `DNS does not name ${active}, the active`;
}
