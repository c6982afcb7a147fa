// What goes wrong in a run, drawn from its seed: when, where, and for how long. A person's word is only given for a node that
// is really down, because no protocol survives a false one.
import type { MachineCommand } from '../../src/failover/machine-command.ts';
import type { Breadcrumb } from '../../src/failover/service-state.ts';
import type { SimKnobs, SimNode } from './sim-node.ts';
import type { SimWorld } from './sim-world.ts';

type Fault = (world: SimWorld) => void;

/** From the beginning until this time something goes wrong now and then; afterwards everything is well. */
export const HARM_UNTIL_MS = 30_000;
const FAULTS_MAX = 16;

export function scheduleFaults(world: SimWorld): void {
  const { draw, wire, time } = world;
  world.deathRate = draw.chance(0.4) ? 0.03 : 0;
  const liar = draw.chance(0.15) ? draw.pick(world.nodes as [SimNode, ...SimNode[]]) : null;
  if (liar !== null) liar.fenceLies = true;
  const count = draw.between(3, FAULTS_MAX);
  for (let fault = 0; fault < count; fault += 1) {
    const atMs = draw.between(4_000, HARM_UNTIL_MS);
    const act = draw.pick(FAULTS);
    wire.timer(atMs - time.nowMs, () => act(world));
  }
  wire.timer(HARM_UNTIL_MS - time.nowMs, () => healAll(world));
}

function healAll(world: SimWorld): void {
  world.history.note('HEALED');
  for (const node of world.nodes) node.heal();
  world.storeFaultRate = 0;
  world.deathRate = 0;
  world.dns.faultRate = 0;
  world.probers.liar = null;
  world.probers.absent.clear();
}

function anyNode(world: SimWorld): SimNode {
  const alive = world.nodes.filter((node) => node.isAlive);
  const choices = world.draw.chance(0.7) && alive.length > 0 ? alive : world.nodes;
  return world.draw.pick(choices as [SimNode, ...SimNode[]]);
}

/** For a while; a device that lies is found out only while its node can be looked at. */
function knob(name: keyof SimKnobs): Fault {
  return (world) => {
    const node = anyNode(world);
    if (node.fenceLies && (name === 'isUnreachable' || name === 'isHung')) return;
    world.history.note(`FAULT ${name} ${node.id}`);
    node.knobs[name] = true;
    world.wire.timer(world.draw.between(1_000, 15_000), () => {
      world.history.note(`END OF ${name} ${node.id}`);
      node.knobs[name] = false;
    });
  };
}

function forAWhile(world: SimWorld, end: () => void): void {
  world.wire.timer(world.draw.between(500, 8_000), end);
}

const crashNode: Fault = (world) => {
  const node = anyNode(world);
  world.history.note(`FAULT crash ${node.id}`);
  node.crash();
};

const repowerNode: Fault = (world) => {
  anyNode(world).isPowered = true;
};

const killController: Fault = (world) => world.kill(world.victim());
const pauseController: Fault = (world) => world.pause(world.victim(), world.draw.between(200, 9_000));

const badStore: Fault = (world) => {
  world.storeFaultRate = 0.3;
  forAWhile(world, () => {
    world.storeFaultRate = 0;
  });
};

const badDns: Fault = (world) => {
  world.dns.faultRate = 0.6;
  forAWhile(world, () => {
    world.dns.faultRate = 0;
  });
};

const lyingProber: Fault = (world) => {
  world.probers.liar = world.draw.pick(['p1', 'p2', 'p3']);
  forAWhile(world, () => {
    world.probers.liar = null;
  });
};

const absentProber: Fault = (world) => {
  const id = world.draw.pick(['p1', 'p2', 'p3']);
  world.probers.absent.add(id);
  forAWhile(world, () => void world.probers.absent.delete(id));
};

const operatorActs: Fault = (world) => {
  const node = world.draw.pick(world.nodes as [SimNode, ...SimNode[]]).id;
  const choices: readonly [MachineCommand, ...MachineCommand[]] = [
    { kind: 'switchover', from: null, to: node, reason: 'sim' },
    { kind: 'switchover', from: null, to: null, reason: 'sim' },
    { kind: 'failback', reason: 'sim' },
    { kind: 'adopt', node, reason: 'sim' },
    { kind: 'rejoin', node, reason: 'sim' },
    { kind: 'maintenance', on: true, node: null, reason: 'sim', expiresAfterMs: 60_000 },
    { kind: 'maintenance', on: false, node: null, reason: 'sim', expiresAfterMs: 0 },
    { kind: 'maintenance', on: true, node, reason: 'sim', expiresAfterMs: 60_000 },
    { kind: 'maintenance', on: false, node, reason: 'sim', expiresAfterMs: 0 },
  ];
  world.command(world.draw.pick(choices));
};

const confirmsDown: Fault = (world) => {
  const dead = world.nodes.filter((node) => !node.isAlive && !node.isBusy);
  const [node] = dead;
  if (node === undefined) return;
  void world.record<Breadcrumb>(world.keys.breadcrumb('web', node.id)).then((crumb) => {
    world.command({ kind: 'confirmDown', node: node.id, reason: 'sim', version: crumb?.version ?? 0 });
  });
};

const FAULTS: readonly [Fault, ...Fault[]] = [
  crashNode,
  crashNode,
  crashNode,
  repowerNode,
  knob('isUnreachable'),
  knob('isUnreachable'),
  knob('isHung'),
  knob('failsToStop'),
  knob('failsToStop'),
  knob('failsToStart'),
  knob('startHangs'),
  knob('failsToFence'),
  killController,
  killController,
  pauseController,
  pauseController,
  badStore,
  badDns,
  lyingProber,
  absentProber,
  operatorActs,
  operatorActs,
  operatorActs,
  operatorActs,
  confirmsDown,
];
