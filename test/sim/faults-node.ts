// What goes wrong with nodes, their scripts and their fence devices.
import type { Draw } from './draw.ts';
import { HARM_UNTIL_MS } from './fault.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Act } from './faults.ts';
import type { SimKnobs } from './sim-node.ts';
import { type Place, pickFrom, type SimWorld } from './sim-world.ts';

const CRASH_EVERY_MS = 1_700;

function anyPlace(world: SimWorld, draw: Draw): Place {
  const alive = world.places.filter(({ node }) => node.isAlive);
  return pickFrom(draw, draw.chance(0.7) && alive.length > 0 ? alive : world.places);
}

function knob(name: keyof SimKnobs): Act {
  return (world, draw) => {
    const { node } = anyPlace(world, draw);
    world.history.note(() => `  ${name} ${node.id}`);
    node.knobs[name] = true;
    return () => {
      node.knobs[name] = false;
    };
  };
}

/** The knobs of all nodes: what is aimed at a start must meet whichever node is started. */
function everyKnob(name: keyof SimKnobs): Act {
  return (world) => {
    for (const { node } of world.places) node.knobs[name] = true;
    return () => {
      for (const { node } of world.places) node.knobs[name] = false;
    };
  };
}

const crash: Act = (world, draw) => {
  const { node } = anyPlace(world, draw);
  world.history.note(() => `  crash ${node.id}`);
  node.release();
  return undefined;
};

/** Whatever is started dies soon after, for as long as it lasts. */
const crashAgain: Act = (world, _draw, { forMs }) => {
  for (let ms = 0; ms < 2 * forMs; ms += CRASH_EVERY_MS) {
    world.wire.timer(ms, () => {
      if (world.time.nowMs >= HARM_UNTIL_MS) return;
      for (const { node } of world.places) node.release();
    });
  }
  return undefined;
};

const powerBack: Act = (world, draw) => {
  pickFrom(draw, world.places).node.isPowered = true;
  return undefined;
};

/** The whole machine stands still, and what runs on it holds what it holds. */
const suspendNode: Act = (world, draw) => {
  const { node } = anyPlace(world, draw);
  world.history.note(() => `  suspended ${node.id}`);
  node.isSuspended = true;
  return () => {
    node.isSuspended = false;
  };
};

export const NODE_FAULTS = {
  crash,
  'crash-again': crashAgain,
  'power-back': powerBack,
  unreachable: knob('isUnreachable'),
  hung: knob('isHung'),
  'suspend-node': suspendNode,
  'stop-fails': knob('failsToStop'),
  'stop-hangs': knob('stopHangs'),
  'start-fails': everyKnob('failsToStart'),
  'start-hangs': everyKnob('startHangs'),
  'start-late': everyKnob('startIsLate'),
  'start-daemonises': everyKnob('startDaemonises'),
  'precheck-fails': everyKnob('failsPrecheck'),
  'sync-fails': everyKnob('failsToSync'),
  'fence-fails': everyKnob('failsToFence'),
  'fence-slow': everyKnob('fenceIsSlow'),
  'fence-silent': everyKnob('fenceIsSilent'),
} as const satisfies Partial<Record<FaultKind, Act>>;
