// A soak: rounds of random faults in one world. After each round the whole history is judged, and the service is mended as a
// person would mend it; the first violation ends the soak.

import { waitUntil } from '../../e2e/support/wait-until.ts';
import { type Draw, drawFrom } from '../../sim/draw.ts';
import type { Verdict } from './check-history.ts';
import { NODES, type NodeName } from './hosts.ts';
import { ACTIVE_CUT_OFF, FAULTS, type Fault, type Undo } from './nemesis.ts';
import { NetWorld } from './net-world.ts';
import { judge, judgeNow } from './play-scenario.ts';
import { lasts } from './roles.ts';

export type SoakOptions = {
  readonly minutes: number;
  readonly seed: number;
  /** false: the fence device says off and does nothing. */
  readonly isFenceTrue: boolean;
  readonly say: (line: string) => void;
};

const MINUTE_MS = 60_000;
const FAULTS_MAX = 3;
const FAULT_MS = { from: 500, to: 6_000 };
/** From the first fault to the start of the other node, on a busy machine. */
const FIRST_MOVE_MS = 60_000;

export async function playSoak({ minutes, seed, isFenceTrue, say }: SoakOptions): Promise<Verdict> {
  const draw = drawFrom(seed);
  await using world = await NetWorld.running({ canDelay: true, isFenceIdle: !isFenceTrue });
  const untilMs = performance.now() + minutes * MINUTE_MS;
  for (let round = 1; ; round += 1) {
    const faults = round === 1 ? [ACTIVE_CUT_OFF] : drawFaults(draw);
    say(`round ${round}: ${faults.map(({ name }) => name).join(', ')}`);
    await playRound(world, draw, { faults, isFirst: round === 1 });
    const sofar = judgeNow(world, { isAtRest: false });
    if (sofar.violations.length > 0) return sofar;
    await world.mend();
    if (performance.now() > untilMs) return await judge(world);
  }
}

/** Faults begin one after the other and overlap; in the end the network is healed and everything runs again. */
async function playRound(
  world: NetWorld,
  draw: Draw,
  { faults, isFirst }: { readonly faults: readonly Fault[]; readonly isFirst: boolean },
): Promise<void> {
  const before = NODES.filter((node) => world.instancePid(node) !== null);
  const undo: Undo[] = [];
  try {
    for (const fault of faults) {
      undo.push(await fault.begin(world, draw));
      await (isFirst ? untilMoved(world, before) : lasts(draw.between(FAULT_MS.from, FAULT_MS.to)));
    }
  } finally {
    for (const step of undo) step();
    world.network.heal();
  }
}

/** Somebody runs who did not run before: what the first fault leads to, with a fence device that tells the truth or lies. */
async function untilMoved(world: NetWorld, before: readonly NodeName[]): Promise<void> {
  const others = NODES.filter((node) => !before.includes(node));
  await waitUntil(
    'another node to be started',
    () => others.some((node) => world.instancePid(node) !== null),
    FIRST_MOVE_MS,
  );
}

function drawFaults(draw: Draw): readonly Fault[] {
  return Array.from({ length: draw.between(1, FAULTS_MAX) }, () => draw.pick(FAULTS));
}
