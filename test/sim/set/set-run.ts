// Runs with an active-active service: which seeds they are, their configuration, and what its machines do by themselves. Nothing
// is started there by oneup, so whatever dies is started again by its own machine.
import { drawFrom } from '../draw.ts';
import { HARM_UNTIL_MS } from '../fault.ts';
import { addressOf, NAME } from '../sim-config.ts';
import type { SimWorld } from '../sim-world.ts';

export type SetRun = {
  readonly seed: number;
  readonly minHealthy: number;
  readonly slowStartMs: number;
  /** Of the nodes in their order. */
  readonly weights: readonly number[];
  /** One node dies at the end of the harm and stays dead, so that the answer of peace is not always everybody. */
  readonly leavesOneDead: boolean;
};

const SHARE = 0.1;
const DEAD_AT_FIRST = 0.2;
const LOOK_MS = 400;
const BACK_CHANCE = 0.3;

/** From a draw of its own, so that all else in the run stays as it is. */
export function drawSetRun(seed: number): SetRun | null {
  const draw = drawFrom(seed * 31 + 17);
  if (!draw.chance(SHARE)) return null;
  return {
    seed,
    minHealthy: draw.pick([1, 1, 2, 2, 3]),
    slowStartMs: draw.pick([0, 1_000, 1_000]),
    weights: draw.chance(0.5) ? [1, 1, 1, 1] : [draw.between(1, 3), draw.between(1, 3), 2, 1],
    leavesOneDead: draw.chance(0.6),
  };
}

export function minHealthyOf({ minHealthy }: SetRun, nodes: readonly string[]): number {
  return Math.min(minHealthy, nodes.length);
}

export function setServiceText(nodes: readonly string[], run: SetRun): string {
  const places = nodes.map((id, at) => `      - { id: ${id}, address: ${addressOf(id)}, weight: ${run.weights[at]} }`);
  return `    mode: active-active
    minHealthy: ${minHealthyOf(run, nodes)}
    slowStart: ${run.slowStartMs}ms
    record: { name: ${NAME}, ttl: { steady: 4s, suspect: 1s, settling: 1s } }
    nodes:
${places.join('\n')}
    check: { http: "http://{address}:8080/", interval: 1s, timeout: 300ms, fall: 2, rise: 1, recheck: 100ms, minDown: 100ms }
    actions:
      resync: { exec: { command: [resync] }, timeout: 1s }
      drain: { exec: { command: [drain] }, timeout: 1s }
      undrain: { exec: { command: [undrain] }, timeout: 1s }
    failover: { stableFor: 5s }
`;
}

/** Most nodes run from the beginning; what has died comes back after a while, and after the harm at once, but one. */
export function playMachines(world: SimWorld, { seed, leavesOneDead }: SetRun): void {
  const draw = drawFrom(seed * 37 + 3);
  const { wire, time, places } = world;
  for (const { node } of places) if (!draw.chance(DEAD_AT_FIRST)) node.take(0);
  const dead = leavesOneDead ? draw.between(0, places.length - 1) : null;
  const holds = draw.chance(0.9);
  const look = () => {
    const isPeace = time.nowMs >= HARM_UNTIL_MS;
    for (const [at, { node }] of places.entries()) {
      if (isPeace && at === dead) node.release();
      else if (!node.isAlive && node.isPowered && (isPeace || draw.chance(BACK_CHANCE))) node.take(0);
    }
    // A moment after the end of the harm is the last look: from then on everything stays as it is.
    if (!isPeace) return void wire.timer(LOOK_MS, look);
    if (!holds) return;
    // What holds the answer says nothing about it, so most of these runs end without.
    world.command({ kind: 'freeze', on: false, reason: 'sim' });
    world.command({ kind: 'maintenance', on: false, node: null, reason: 'sim', expiresAfterMs: 0 });
  };
  wire.timer(LOOK_MS, look);
}
