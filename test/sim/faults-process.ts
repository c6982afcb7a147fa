// What goes wrong with prober processes, controllers among them, their machines and their clocks.
import type { Draw } from './draw.ts';
import { HARM_UNTIL_MS } from './fault.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Act } from './faults.ts';
import type { SimMember } from './sim-member.ts';
import { MEMBERS, pickFrom, type SimWorld } from './sim-world.ts';

const WALL_JUMP_MS = 3_600_000;
const DEATH_RATE = 0.3;
const PAUSE_RATE = 0.3;

function victim(world: SimWorld, draw: Draw): SimMember {
  return draw.chance(0.85) ? world.victim(draw) : pickFrom(draw, world.members);
}

const killProcess: Act = (world, draw) => {
  world.kill(victim(world, draw));
  return undefined;
};

const killProber: Act = (world, draw) => {
  world.kill(pickFrom(draw, world.members));
  return undefined;
};

const stopProcess: Act = (world, draw, { forMs }) => {
  world.stop(victim(world, draw), forMs);
  return undefined;
};

const stopProber: Act = (world, draw, { forMs }) => {
  world.stop(pickFrom(draw, world.members), forMs);
  return undefined;
};

/** Boot and wall clocks go on, everything else stands still (S2). */
const suspendMachine: Act = (world, draw) => {
  const member = victim(world, draw);
  world.history.note(() => `  machine of ${member.id} is suspended`);
  member.machine.suspend(world.time);
  return () => member.machine.wake(world.time);
};

const wallJump: Act = (world, draw) => {
  const member = victim(world, draw);
  member.machine.wallShiftMs += draw.between(-WALL_JUMP_MS, WALL_JUMP_MS);
  return undefined;
};

const diesAtBoundary: Act = (world) => {
  world.rates.death = DEATH_RATE;
  return () => {
    world.rates.death = 0;
  };
};

const stopsAtBoundary: Act = (world) => {
  world.rates.pause = PAUSE_RATE;
  return () => {
    world.rates.pause = 0;
  };
};

const reload: Act = (world) => {
  if (!world.engine.isDown) world.configure();
  return undefined;
};

/** A configuration comes into force while a script hangs, so the controller ends with work in flight (S9). */
const reloadInStep: Act = (world, draw) => {
  const nodes = world.places.map(({ node }) => node);
  for (const { knobs } of nodes) Object.assign(knobs, { startHangs: true, stopHangs: true });
  world.history.onceBegun(() => {
    world.wire.timer(draw.between(50, 600), () => {
      if (!world.engine.isDown && world.time.nowMs < HARM_UNTIL_MS) world.configure();
    });
  });
  return () => {
    for (const { knobs } of nodes) Object.assign(knobs, { startHangs: false, stopHangs: false });
  };
};

/** Three probers become five, and a while later another three (S7). */
const members: Act = (world, draw) => {
  world.changeMembers(world.members.map(({ id }) => id));
  return () => {
    const staying = world.members.map(({ id }) => id);
    while (staying.length > MEMBERS) staying.splice(draw.between(0, staying.length - 1), 1);
    world.changeMembers(staying);
  };
};

const lyingProber: Act = (world, draw) => {
  const member = pickFrom(draw, world.members);
  member.isLying = true;
  return () => {
    member.isLying = false;
  };
};

export const PROCESS_FAULTS = {
  'kill-process': killProcess,
  'kill-prober': killProber,
  'stop-process': stopProcess,
  'stop-prober': stopProber,
  'suspend-machine': suspendMachine,
  'wall-jump': wallJump,
  'dies-at-boundary': diesAtBoundary,
  'stops-at-boundary': stopsAtBoundary,
  reload,
  'reload-in-step': reloadInStep,
  members,
  'lying-prober': lyingProber,
} as const satisfies Partial<Record<FaultKind, Act>>;
