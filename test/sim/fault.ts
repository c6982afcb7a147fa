// One thing that goes wrong in a run, as plain data: what, when, for how long, and a seed of its own for its details, so that
// a run can be played again without it and everything else stays as it was.
import type { Phase } from '../../src/failover/operation.ts';
import { drawLeaseRun, type LeaseRun } from './agent/lease-run.ts';
import { type Draw, drawFrom } from './draw.ts';
import {
  AGENT_KINDS,
  type FaultKind,
  KINDS,
  LEASE_KINDS,
  LIAR_KINDS,
  PEER_KINDS,
  RESTORE_KINDS,
  SET_KINDS,
} from './fault-kinds.ts';
import { drawSetRun, type SetRun } from './set/set-run.ts';

export type Fault = {
  readonly index: number;
  readonly kind: FaultKind;
  /** At a time, or soon after an operation has come to a phase for the first time after `atMs`. */
  readonly atMs: number;
  readonly phase: Phase | null;
  readonly afterMs: number;
  readonly forMs: number;
  readonly seed: number;
};

export type Schedule = {
  readonly faults: readonly Fault[];
  /** What lies in this run, if anything does: a fence device or a stop script of one node. */
  readonly liar: 'fence' | 'stop' | null;
  /** Whether nodes have agents with leases in this run. */
  readonly leases: LeaseRun | null;
  /** Whether the service is active-active. */
  readonly set: SetRun | null;
};

/** From the beginning until this time something goes wrong now and then; afterwards everything is well. */
export const HARM_UNTIL_MS = 13_000;
const HARM_FROM_MS = 1_800;
const FAULTS = { min: 4, max: 14 } as const;
/** Phases that last: a fault can be aimed at them. */
const AIMED: readonly [Phase, ...Phase[]] = [
  'PRECHECK',
  'SYNC',
  'TTL_LOWER',
  'DRAIN',
  'UNDRAIN',
  'STOP_OLD',
  'FENCE',
  'CONFIRM_DOWN',
  'START_NEW',
  'VERIFY_NEW',
  'RESYNC',
  'CUTOVER',
  'PROPAGATE',
];

/** Phases that few runs come to, or that are over within a commit when all is well: the rarer, the more often. */
const RARE: readonly [Phase, ...Phase[]] = [
  'PRECHECK',
  'PRECHECK',
  'UNDRAIN',
  'UNDRAIN',
  'UNDRAIN',
  'RESYNC',
  'RESYNC',
  'CONFIRM_DOWN',
  'TTL_LOWER',
];
const RARE_FAULTS = 2;
const PEER_FAULTS = 2;
const MEMBERS_SHARE = 0.15;
/** A restore falls into a run once, so it needs the most aiming. */
const RARE_FOR_RESTORE: readonly [Phase, ...Phase[]] = [...RARE, 'DRAIN', 'SYNC'] as const;

export function drawSchedule(seed: number): Schedule {
  const draw = drawFrom(seed * 7 + 3);
  const liar = draw.chance(0.12) ? draw.pick(['fence', 'stop'] as const) : null;
  const isRestored = liar === null && draw.chance(0.04);
  const leases = isRestored || liar !== null ? null : drawLeaseRun(seed);
  const set = isRestored || liar !== null || leases !== null ? null : drawSetRun(seed);
  const alone = set === null ? KINDS : SET_KINDS;
  const kinds = isRestored ? RESTORE_KINDS : liar !== null ? LIAR_KINDS : leases === null ? alone : LEASE_KINDS;
  const count = draw.between(FAULTS.min, FAULTS.max);
  const faults: Fault[] = [];
  let atMs = HARM_FROM_MS;
  for (let index = 0; index < count; index += 1) {
    // Half of them come soon after the one before: harm is worst while harm is being mended.
    atMs = draw.chance(0.5) ? atMs + draw.between(0, 1_500) : draw.between(HARM_FROM_MS, HARM_UNTIL_MS);
    faults.push(drawFault(draw, index, { kind: draw.pick(kinds), atMs: Math.min(atMs, HARM_UNTIL_MS - 500) }));
  }
  if (leases !== null) faults.push(drawAgentFault(draw, count), drawRareAgentFault(draw, count + 1));
  // A restore ends the life of a cluster until somebody recovers it, so it is rare and comes late.
  if (isRestored) faults.push(drawRestore(draw, seed, count));
  else faults.push(...drawRareFaults(seed, faults.length, kinds), ...drawMembers(seed, faults.length + RARE_FAULTS));
  if (leases?.asksPeers === true) faults.push(...drawPeerFaults(seed, faults.length));
  return { faults, liar, leases, set };
}

function drawRestore(draw: Draw, seed: number, index: number): Fault {
  const fault = drawFault(draw, index, { kind: 'store-restore', atMs: draw.between(4_000, 8_000) });
  const aim = drawFrom(seed * 11 + 5);
  const early = { ...fault, atMs: aim.between(3_000, 5_000) };
  return aim.chance(0.7) ? aimAt(aim, aim.pick(RARE_FOR_RESTORE), early) : fault;
}

/** From draws of their own, so that the rest of the run is as it was without them. */
function drawRareFaults(seed: number, from: number, kinds: readonly [FaultKind, ...FaultKind[]]): readonly Fault[] {
  const draw = drawFrom(seed * 11 + 5);
  return Array.from({ length: RARE_FAULTS }, (_, at) => {
    const fault = drawFault(draw, from + at, { kind: draw.pick(kinds), atMs: HARM_FROM_MS });
    return aimAt(draw, draw.pick(RARE), fault);
  });
}

/** From draws of their own, early enough for a lease and the wait for it. */
function drawPeerFaults(seed: number, from: number): readonly Fault[] {
  const draw = drawFrom(seed * 29 + 13);
  return Array.from({ length: PEER_FAULTS }, (_, at) => {
    const kind = draw.pick(PEER_KINDS);
    const fault = drawFault(draw, from + at, { kind, atMs: draw.between(2_500, 6_500) });
    return { ...fault, phase: null, atMs: draw.between(2_500, 6_500), forMs: draw.between(2_000, 6_000) };
  });
}

/** In some runs probers join and leave, from draws of their own. */
function drawMembers(seed: number, from: number): readonly Fault[] {
  const draw = drawFrom(seed * 19 + 5);
  if (!draw.chance(MEMBERS_SHARE)) return [];
  const fault = drawFault(draw, from, { kind: 'members', atMs: draw.between(HARM_FROM_MS, HARM_UNTIL_MS / 2) });
  return [draw.chance(0.4) ? aimAt(draw, draw.pick(RARE), fault) : fault];
}

/** Soon after the phase has begun, mostly within the same few messages. */
function aimAt(draw: Draw, phase: Phase, fault: Fault): Fault {
  return { ...fault, phase, afterMs: draw.chance(0.5) ? 0 : draw.between(0, 15) };
}

/** Into phases that are rare or short. */
function drawRareAgentFault(draw: Draw, index: number): Fault {
  const fault = drawFault(draw, index, { kind: draw.pick(AGENT_KINDS), atMs: HARM_FROM_MS });
  return { ...fault, phase: draw.pick(['PRECHECK', 'RESYNC', 'TTL_LOWER'] as const), afterMs: draw.between(0, 15) };
}

/** Early, so that a lease can run out before the harm is over. */
function drawAgentFault(draw: Draw, index: number): Fault {
  const atMs = draw.between(2_500, 5_500);
  return { ...drawFault(draw, index, { kind: draw.pick(AGENT_KINDS), atMs }), phase: null, atMs };
}

function drawFault(draw: Draw, index: number, { kind, atMs }: { kind: FaultKind; atMs: number }): Fault {
  const phase = draw.chance(0.4) ? draw.pick(AIMED) : null;
  return {
    index,
    kind,
    atMs: phase === null ? atMs : draw.between(HARM_FROM_MS, HARM_UNTIL_MS / 2),
    phase,
    afterMs: draw.between(0, 250),
    forMs: draw.between(300, draw.chance(0.3) ? 9_000 : 4_000),
    seed: draw.between(1, 1_000_000_000),
  };
}
